"use strict";
// Keeps the page of a job true: what is live on it is fetched anew every three seconds; when it is over, the page is.
(() => {
  const later = () => setTimeout(look, 3000);
  const show = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html").querySelector("[data-live]");
    if (!next) {
      location.reload();
      return;
    }
    document.querySelector("[data-live]").replaceChildren(...next.childNodes);
    later();
  };
  // A server that is away for a moment is asked again.
  const look = () => fetch(location.href).then((answer) => answer.text()).then(show, later);
  later();
})();
