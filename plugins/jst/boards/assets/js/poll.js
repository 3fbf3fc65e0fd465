const PATIENCE_MS = 15_000;
const LONGEST_PAUSE_S = 60;

// Asks for the board's data again and again, never twice at once: the next question is set when the last has ended.
// ``on`` has answer(data), same(stamps), trouble(status): status 0 is a server that does not answer.
export class Poll {
  constructor(address, seconds, on) {
    Object.assign(this, { address, seconds, on, failures: 0, etag: "", timer: 0, asking: null });
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
  }

  // Asks at once, for another address when the filters changed.
  now(address = this.address) {
    if (address !== this.address) this.etag = "";
    this.address = address;
    clearTimeout(this.timer);
    this.asking?.abort();
    this.ask();
  }

  async ask() {
    const asking = new AbortController();
    this.asking = asking;
    const late = setTimeout(() => asking.abort(), PATIENCE_MS);
    try {
      await this.exchange(asking.signal);
    } catch {
      if (this.asking !== asking) return; // a newer question took its place
      this.failed(0);
    } finally {
      clearTimeout(late);
    }
    if (this.asking === asking && this.seconds) this.timer = setTimeout(() => this.turn(), this.pause());
  }

  async exchange(signal) {
    const headers = { Accept: "application/json", ...(this.etag && { "If-None-Match": this.etag }) };
    const answer = await fetch(this.address, { headers, signal, cache: "no-store" });
    this.on.version(answer.headers.get("X-Jst-Version"));
    if (!answer.ok && answer.status !== 304) return this.failed(answer.status);
    this.failures = 0;
    if (answer.status === 304) return this.on.same(JSON.parse(answer.headers.get("X-Jst-Stamps") ?? "{}"));
    const data = await answer.json();
    this.etag = answer.headers.get("ETag") ?? "";
    this.on.answer(data); // not awaited: a chart that never comes to rest must not end the polling
  }

  failed(status) {
    this.failures += 1;
    this.etag = ""; // what a refused viewer no longer sees must come again in full
    this.on.trouble(status);
  }

  turn() {
    if (!document.hidden) this.ask(); // a hidden tab asks nothing; it asks at once when it is seen again
  }

  // ±20 %: thirty walls that were switched on together must not ask together for ever.
  pause() {
    const seconds = this.failures ? Math.min(LONGEST_PAUSE_S, this.seconds * 2 ** this.failures) : this.seconds;
    return seconds * 1000 * (0.8 + 0.4 * Math.random());
  }
}
