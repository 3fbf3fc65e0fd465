// Names as people write them → names of the map: 浙江省 → 浙江, 广西壮族自治区 → 广西. The map drops an unknown name silently.

const LONG = /(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)$/;
const ENGLISH = {
  Anhui: "安徽", Beijing: "北京", Chongqing: "重庆", Fujian: "福建", Gansu: "甘肃", Guangdong: "广东", Guangxi: "广西",
  Guizhou: "贵州", Hainan: "海南", Hebei: "河北", Heilongjiang: "黑龙江", Henan: "河南", "Hong Kong": "香港", Hubei: "湖北",
  Hunan: "湖南", "Inner Mongolia": "内蒙古", Jiangsu: "江苏", Jiangxi: "江西", Jilin: "吉林", Liaoning: "辽宁", Macao: "澳门",
  Ningxia: "宁夏", Qinghai: "青海", Shaanxi: "陕西", Shandong: "山东", Shanghai: "上海", Shanxi: "山西", Sichuan: "四川",
  Taiwan: "台湾", Tianjin: "天津", Tibet: "西藏", Xinjiang: "新疆", Yunnan: "云南", Zhejiang: "浙江",
};
const IN_ENGLISH = Object.fromEntries(Object.entries(ENGLISH).map(([english, name]) => [name, english]));

export function mapName(written) {
  const name = String(written ?? "").trim().replace(/^中国/, "").replace(/^[臺台]灣/, "台湾");
  return ENGLISH[name] ?? name.replace(LONG, "");
}

export function shownName(name, lang) {
  return lang === "en" ? IN_ENGLISH[name] ?? name : name;
}
