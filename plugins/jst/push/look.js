// What the page of a board shows, for a program that takes its picture.
(() => {
  // 0 is a canvas on which nothing was drawn; counted up to 16, every 40th pixel
  const colours = (canvas) => {
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const seen = new Set();
    for (let at = 0; at < pixels.length && seen.size < 16; at += 40 + (at % 7)) if (pixels[at]) seen.add(pixels[at]);
    return seen.size;
  };
  const drawn = document.body?.dataset.drawn === "1";
  const panels = [...document.querySelectorAll("[data-panel]")].map((panel) => {
    const canvases = drawn ? [...panel.querySelectorAll("canvas")].filter(({ width, height }) => width && height) : [];
    return {
      panel: panel.dataset.panel,
      title: panel.querySelector("h2")?.textContent ?? "",
      state: panel.dataset.state,
      words: panel.querySelector(".state")?.textContent ?? "",
      stamp: panel.querySelector("footer time")?.dateTime ?? "",
      colours: canvases.length ? Math.max(...canvases.map(colours)) : null,
      figures: Object.fromEntries([...panel.querySelectorAll("[data-figure]")].map((each) => [each.dataset.figure, each.title])),
    };
  });
  const refused = document.body?.classList.contains("words") ? document.querySelector("h1")?.textContent ?? "" : "";
  const heading = document.querySelector("h1")?.textContent ?? "";
  return { drawn, title: document.title, heading, refused, panels };
})()
