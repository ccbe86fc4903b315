const settings = JSON.parse(document.getElementById("chart-settings").textContent);
for (const data of document.querySelectorAll(".chart-data")) {
  const figure = JSON.parse(data.textContent);
  const box = data.previousElementSibling;
  // The admin shows its pages late; what is drawn while hidden has no measures and stays crooked.
  new ResizeObserver((_, observer) => {
    if (box.clientWidth) {
      observer.disconnect();
      Plotly.newPlot(box, figure.data, figure.layout, settings);
    }
  }).observe(box);
}
