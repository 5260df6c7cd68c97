/* Passkeys: asks the device, and sends its answer with the form. Without it the forms stay hidden; codes work. */
(function () {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const decoded = (list) => (list || []).map((each) => Object.assign({}, each, { id: bytes(each.id) }));

  function asked(form) {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    if (options.excludeCredentials) options.excludeCredentials = decoded(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = decoded(options.allowCredentials);
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey: options })
      : navigator.credentials.get({ publicKey: options });
  }

  function told(credential) {
    const answer = credential.response;
    const response = { clientDataJSON: text(answer.clientDataJSON) };
    if (answer.attestationObject) response.attestationObject = text(answer.attestationObject);
    if (answer.authenticatorData) response.authenticatorData = text(answer.authenticatorData);
    if (answer.signature) response.signature = text(answer.signature);
    if (answer.userHandle) response.userHandle = text(answer.userHandle);
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response });
  }

  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = form.querySelector(".said");
      said.textContent = "";
      asked(form).then((credential) => {
        form.elements.credential.value = told(credential);
        HTMLFormElement.prototype.submit.call(form);
      }).catch(() => { said.textContent = form.dataset.failed; });
    });
  });
}());
