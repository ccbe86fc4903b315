const settings = JSON.parse(document.getElementById("chart-settings").textContent);
for (const data of document.querySelectorAll(".chart-data")) {
  const figure = JSON.parse(data.textContent);
  Plotly.newPlot(data.previousElementSibling, figure.data, figure.layout, settings);
}
