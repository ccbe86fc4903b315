"use strict";
// A slider over the rows of each table of margins, which says what the chosen one takes. Without it the tables do.
(() => {
  for (const margins of document.querySelectorAll(".cx-margins")) {
    const rows = [...margins.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
    const now = rows.findIndex((_, n) => margins.querySelectorAll("tbody tr")[n].hasAttribute("aria-current"));
    const slider = margins.querySelector("input");
    const difference = (place, column, digits, noun) => {
      const more = Number(rows[place][column].replaceAll(",", "")) - Number(rows[now][column].replaceAll(",", ""));
      const said = Math.abs(more).toLocaleString("en", { maximumFractionDigits: digits });
      return `${said} ${more < 0 ? "fewer" : "more"} ${noun}${said === "1" ? "" : "s"}`;
    };
    const say = () => {
      const [margin, needed, contacts, hours, missing] = rows[slider.value];
      const beside = Number(slider.value) === now ? "as it is now" : `${difference(slider.value, 2, 0, "contact")}, ${difference(slider.value, 3, 1, "hour")} than now`;
      const reached = missing === "0" ? "" : ` ${missing} answers would be missing.`;
      const text = `±${margin} points: ${needed} answers, ${contacts} contacts, ${hours} hours of attention (${beside}).${reached}`;
      margins.querySelector("output").textContent = text;
      slider.setAttribute("aria-valuetext", text);
    };
    if (rows.length < 2 || now < 0) continue;
    slider.max = rows.length - 1;
    slider.value = now;
    slider.addEventListener("input", say);
    margins.querySelector(".cx-slider").hidden = false;
    say();
  }
})();
