// Lets the browser make or use a passkey and sends what it answers with the form. Where there are none, the form hides.
"use strict";

const can = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!can) form.hidden = true;
  form.addEventListener("submit", async (event) => {
    if (form.elements.passkey.value) return;
    event.preventDefault();
    const problem = form.querySelector("[role=alert]");
    problem.hidden = true;
    try {
      const token = form.elements.csrfmiddlewaretoken.value;
      const answer = await fetch(form.dataset.ask, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const asked = await answer.json();
      const made = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
      form.elements.passkey.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch {
      problem.textContent = "Your browser gave no passkey. Try again, or use another way.";
      problem.hidden = false;
    }
  });
}
