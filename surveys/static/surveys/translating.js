// The page of translations: Ctrl + Enter leads to the next text that is missing, the count follows what is typed, and
// texts that are not saved are not left by mistake. Without this script everything works but for these.
"use strict";

const form = document.querySelector(".cx-translations");
const texts = form ? [...form.querySelectorAll("textarea")] : [];
const wanted = texts.filter((text) => "wanted" in text.dataset);
const count = document.getElementById("count");
let changed = false;

const isMissing = (text) => text.value.trim() === "";

const goOn = (from) => {
  const after = wanted.slice(wanted.indexOf(from) + 1);
  const next = after.find(isMissing) || wanted.find((text) => text !== from && isMissing(text));
  if (next) next.focus();
  else form.querySelector("button").focus();
};

const tell = () => {
  if (!count) return;
  const missing = wanted.filter(isMissing).length;
  count.textContent = missing ? `${missing} of ${count.dataset.all} texts are missing` : "Nothing is missing; save it";
  count.className = missing ? "cx-unhappy" : "cx-happy";
};

texts.forEach((text) => {
  text.addEventListener("input", () => {
    changed = true;
    text.closest(".cx-translation").classList.toggle("cx-missing", isMissing(text) && wanted.includes(text));
    tell();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    event.preventDefault();
    goOn(text);
  });
});

if (form) {
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
