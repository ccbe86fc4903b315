// The editor of a survey: what is saved, moved or opened changes the page in place, and the preview beside it follows.
// Without this script every button and link does the same by loading the page.
"use strict";

const frame = document.querySelector(".ed-frame iframe");
const main = () => document.getElementById("editor-main");
const written = () => main().querySelector(".ed-form");
let unsaved = false;
let turn = Promise.resolve();

const tell = (text) => {
  const told = document.createElement("p");
  told.className = "ed-told ed-error";
  told.textContent = text;
  document.getElementById("told").replaceChildren(told);
};

const mayLeave = () => !unsaved || window.confirm("You have not saved what you wrote here. Leave it?");

// Where the browser shows an error in the frame, it has no document that we may look into.
const refresh = () => {
  const place = frame.contentDocument ? frame.contentWindow.scrollY : 0;
  frame.addEventListener("load", () => { if (frame.contentDocument) frame.contentWindow.scrollTo(0, place); }, { once: true });
  frame.contentWindow.location.replace(main().dataset.preview);
};

const focus = (before) => {
  const wrong = main().querySelector("#changed") || main().querySelector("[aria-invalid=true]") || main().querySelector(".errorlist");
  const goal = document.getElementById(main().dataset.focus);
  const same = document.getElementById(before);
  const opened = goal?.matches(".ed-open") && !goal.contains(same);
  const found = wrong || (opened && goal.querySelector("textarea, input:not([type=hidden])")) || same || goal;
  if (!found) return;
  if (found.matches(".errorlist")) found.tabIndex = -1;
  found.focus();
};

const show = async (answer) => {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("editor-main");
  if (!next) {
    window.location.assign(answer.url);
    return;
  }
  const before = document.activeElement?.id ?? "";
  main().replaceWith(document.adoptNode(next));
  unsaved = answer.status >= 400 && written() !== null;
  history.replaceState(null, "", answer.status < 400 ? answer.url : window.location.href);
  focus(before);
};

const send = async (address, options, saves) => {
  main().setAttribute("aria-busy", "true");
  try {
    await show(await fetch(address, options));
  } catch {
    unsaved ||= saves;
    tell("The server cannot be reached, so nothing was saved. Check the connection and try again.");
    main().removeAttribute("aria-busy");
    return;
  }
  refresh();
};

// One after the other: what is clicked while something is on its way is done after it.
const load = (address, options = {}, saves = false) => {
  if (saves) unsaved = false;
  turn = turn.then(() => send(address, options, saves));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#editor-main") || form.method !== "post" || form.action.includes("/next/")) return;
  event.preventDefault();
  const saves = form === written();
  if (!saves && !mayLeave()) return;
  load(form.action, { method: "POST", body: new FormData(form, event.submitter) }, saves);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#editor-main a[data-swap]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (mayLeave()) load(link.href);
});

document.addEventListener("input", (event) => {
  if (event.target.closest(".ed-form")) unsaved = true;
});

document.addEventListener("change", (event) => {
  const test = event.target.closest(".ed-test");
  if (!test || event.target.tagName !== "SELECT") return;
  const about = test.querySelector("select").value.split("|")[0];
  test.querySelector("[data-answers]").setAttribute("list", `values-${about}`);
});

document.addEventListener("keydown", (event) => {
  const saves = (event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter");
  if (!saves || !written()) return;
  event.preventDefault();
  written().requestSubmit(written().querySelector("button[name=then][value='']"));
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
