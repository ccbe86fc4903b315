// Draws the charts of a report and lets them and their numbers be saved. Without it every number is in the tables.
"use strict";

(() => {
  const settings = JSON.parse(document.getElementById("chart-settings").textContent);
  const about = document.querySelector(".report").dataset.about;
  const INK = "#1c1f24";
  const PAPER = 640; // CSS pixels that A4 and Letter have between usual margins

  const heading = (section) => document.getElementById(section.getAttribute("aria-labelledby"));
  const name = (section, place) => `${[heading(section).id, ...(place ? [place + 1] : [])].join("-")}_${section.dataset.days}`;

  // A picture leaves the page, so it takes along what stood around it: the question, the period, and a white ground.
  const picture = (figure, section) => ({
    data: figure.data,
    layout: {
      ...figure.layout,
      paper_bgcolor: "#ffffff",
      plot_bgcolor: "#ffffff",
      font: { ...figure.layout.font, color: INK },
      margin: { ...figure.layout.margin, t: 72 },
      title: {
        text: heading(section).textContent,
        subtitle: { text: about },
        x: 0, xref: "container", xanchor: "left", pad: { l: 8, t: 8 }, yref: "container", y: 1, yanchor: "top",
      },
    },
  });

  const save = (figure, section, place, format) => Plotly.downloadImage(picture(figure, section), {
    format, filename: name(section, place), width: 960, height: (figure.layout.height || 400) + 60, scale: 2,
  });

  // A cell that a spreadsheet would run as a formula becomes text.
  const quoted = (cell) => {
    const text = cell.dataset.value ?? cell.textContent;
    const safe = !cell.classList.contains("number") && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const saveTable = (section) => {
    const rows = [...section.querySelectorAll("tr")].map((row) => [...row.cells].map(quoted).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`\ufeff${rows.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" }));
    link.download = `${name(section)}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };

  const offer = (tools, text, label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    tools.append(button);
  };

  const draw = (box, figure) => new ResizeObserver((_, observer) => {
    // The admin shows its pages late; what is drawn while hidden has no measures and stays crooked.
    if (!box.clientWidth) return;
    observer.disconnect();
    Plotly.newPlot(box, figure.data, figure.layout, settings);
  }).observe(box);

  // Paper has a width of its own, and charts are as wide as the screen until they are told.
  const fit = (width) => document.querySelectorAll(".report .drawing.js-plotly-plot").forEach((box) => {
    Plotly.relayout(box, width ? { autosize: false, width } : { autosize: true, width: null });
  });
  addEventListener("beforeprint", () => fit(PAPER));
  addEventListener("afterprint", () => fit(0));

  for (const section of document.querySelectorAll(".report section")) {
    const question = heading(section).textContent;
    section.querySelectorAll(".drawing").forEach((box, place) => {
      const figure = JSON.parse(box.nextElementSibling.textContent);
      draw(box, figure);
      const tools = document.createElement("p");
      tools.className = "tools";
      offer(tools, "PNG", `Save as PNG: ${question}`, () => save(figure, section, place, "png"));
      offer(tools, "SVG", `Save as SVG: ${question}`, () => save(figure, section, place, "svg"));
      box.nextElementSibling.after(tools);
    });
    const table = section.querySelector(".numbers");
    if (!table) continue;
    const tools = document.createElement("p");
    tools.className = "tools";
    offer(tools, "CSV", `Save the numbers as CSV: ${question}`, () => saveTable(section));
    table.after(tools);
  }
})();
