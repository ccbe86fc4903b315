// The page of a case: it asks every few seconds whether the case is still hers, holds it while she works, counts the
// talk time and takes one key for each outcome. Without this script everything works but for these.
"use strict";

const ASKS_AFTER = 4000;
const HOLDS_AFTER = 60000;
const LONGEST_HOLD = 3600000;
const form = document.getElementById("result");

if (form) {
  const dial = form.querySelector(".dial");
  const keys = document.getElementById("keys");
  const watch = document.getElementById("watch");
  const outcomes = [...form.querySelectorAll(".outcomes button")];
  let dialledAt = null;
  let activeAt = Date.now();
  let over = false;

  const seconds = () => (dialledAt === null ? 0 : Math.round((Date.now() - dialledAt) / 1000));

  const tell = (text) => {
    watch.querySelector("p").textContent = text;
    watch.hidden = false;
  };

  const end = (text) => {
    over = true;
    tell(text);
    document.getElementById("after").hidden = false;
    dial.hidden = true;
    form.querySelector(".script").hidden = true;
    form.querySelector(".done").disabled = true;
    if (dialledAt === null) outcomes.forEach((button) => { button.disabled = true; });
    document.querySelector("#after button").focus();
  };

  const ask = async () => {
    if (over) return;
    try {
      const answer = await fetch(form.dataset.state + (dialledAt === null ? "" : "?dialled=1"), { redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { state, text } = await answer.json();
      if (state === "yours") watch.hidden = true;
      else end(text);
    } catch {
      tell("This page cannot reach the server, so it cannot see whether the customer has answered meanwhile. Check the connection, or log in again.");
    }
  };

  const hold = async () => {
    const working = Date.now() - activeAt < HOLDS_AFTER || (dialledAt !== null && Date.now() - dialledAt < LONGEST_HOLD);
    if (over || !working) return;
    const token = form.elements.csrfmiddlewaretoken.value;
    try {
      await fetch(form.dataset.hold, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "error" });
    } catch {
      tell("This page cannot reach the server: the case is held for 15 minutes from the last time that it could.");
    }
  };

  const tick = () => {
    const clock = document.getElementById("clock");
    clock.hidden = dialledAt === null;
    clock.querySelector("span").textContent = `${Math.floor(seconds() / 60)}:${String(seconds() % 60).padStart(2, "0")}`;
  };

  const dialled = () => {
    dialledAt ??= Date.now();
    tick();
  };

  const firstQuestion = () => form.querySelector(".ask input, .ask textarea, .ask select");

  const nameATime = () => {
    document.getElementById("another").open = true;
    form.elements["call.day"].focus();
  };

  const press = (key) => {
    if (key === "d" && !over) dial.click();
    else if (key === "q" && !over) firstQuestion()?.focus();
    else if (key === "t") nameATime();
    else if (key === "l") form.querySelector("[data-leave]").click();
    else if (dialledAt !== null) outcomes.find((button) => button.dataset.key === key)?.click();
  };

  const writes = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.blur();
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !keys.checked || writes(event.target)) return;
    if (!/^[a-z]$/.test(event.key)) return;
    event.preventDefault();
    press(event.key);
  });
  for (const sign of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(sign, () => { activeAt = Date.now(); });
  }
  dial.addEventListener("click", dialled);
  form.addEventListener("submit", () => { form.elements["call.talk"].value = String(seconds()); });
  keys.checked = localStorage.getItem("calls.keys") !== "off";
  keys.addEventListener("change", () => { localStorage.setItem("calls.keys", keys.checked ? "on" : "off"); });
  setInterval(ask, ASKS_AFTER);
  setInterval(hold, HOLDS_AFTER);
  setInterval(tick, 1000);
}
