// What the page itself says; everything about the business comes from the board's shape.

const WORDS = {
  zh: {
    loading: "正在读取…", empty: "还没有数据", forbidden: "你的账号不能看这一块", late: "数据晚了", failed: "这一块没有取到",
    asOf: "数据截至", complete: "完整至", ago: "前", seconds: "秒", minutes: "分", hours: "小时", days: "天",
    definition: "口径", table: "表格", csv: "CSV", close: "关闭", search: "搜索", found: "行", all: "全部", filters: "筛选",
    shop: "店铺", platform: "平台", category: "分类", day: "日期", dark: "深色", light: "浅色", full: "全屏", clear: "清除筛选",
    away: "连不上服务器，下面是之前的数字。自", awayEnd: "起；正在重试", back: "重新登录",
    expired: "登录或链接已失效", refused: "你的账号看不到这个看板",
    unknownPlaces: "地图上没有的地名", approval: "审图号",
    running: "进行中", up: "升", down: "降", alarm: "警报",
    place: "名次", boards: "看板",
    noFeed: "还没有读到数据", between: "八成在", comma: "、", rightAxis: "（右轴）", unfiltered: "不随筛选：", leftOut: "这样筛选时没有：",
    makePlan: "生成补货计划", plans: "历史计划", noPlans: "还没有生成过计划", optional: "（可不填）", fillIn: "请填写", within: "请填",
    integer: "请填整数", steps: "请填这个数的倍数：", waiting: "正在排队…", planDone: "计划已生成", amount: "采购金额（元）",
    download: "下载 Excel", notSent: "服务器没有答复，请再试一次",
  },
  en: {
    loading: "Loading…", empty: "Nothing yet", forbidden: "Your account may not see this", late: "Data are late",
    failed: "This part could not be read",
    asOf: "Data as of", complete: "complete until", ago: " ago", seconds: "s", minutes: "min", hours: "h", days: "d",
    definition: "Definition", table: "Table", csv: "CSV", close: "Close", search: "Search", found: "rows", all: "all",
    filters: "Filters", shop: "Shop", platform: "Platform", category: "Category", day: "Day", dark: "Dark", light: "Light",
    full: "Full screen", clear: "Clear filters", away: "The server does not answer; figures are older. Since",
    awayEnd: "; trying again", back: "Log in again",
    expired: "Session or link has ended", refused: "Your account may not see this board",
    unknownPlaces: "Not on the map", approval: "Map approval no.",
    running: "running", up: "up",
    down: "down", alarm: "alarm",
    place: "Place", boards: "Boards",
    noFeed: "Nothing has been read yet", between: "80 % within", comma: ", ", rightAxis: " (right)", unfiltered: "not filtered by ", leftOut: "not there with this filter: ",
    makePlan: "Make a replenishment plan", plans: "Earlier plans", noPlans: "No plan has been made yet", optional: "(optional)",
    fillIn: "Please fill in", within: "Please enter", integer: "Please enter an integer", steps: "Please enter a multiple of",
    waiting: "Waiting to start…", planDone: "The plan is made", amount: "Purchase (CNY)", download: "Download Excel",
    notSent: "The server does not answer, please try again",
  },
};

let spoken = "zh";

export function speak(lang) {
  spoken = lang === "en" ? "en" : "zh";
}

export function language() {
  return spoken;
}

export function word(key) {
  return WORDS[spoken][key];
}
