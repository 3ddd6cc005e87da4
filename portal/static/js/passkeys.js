// Passkeys: the form's options go to the browser, its answer into a hidden field, and the form is sent.
// Without this script, or where the browser knows no passkeys, the form stays hidden and codes suffice.
(function () {
  "use strict";

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (character) { return character.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function withBytes(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    ["allowCredentials", "excludeCredentials"].forEach(function (name) {
      (options[name] || []).forEach(function (known) { known.id = bytes(known.id); });
    });
    return options;
  }

  function answerOf(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(
      function (name) {
        if (credential.response[name]) response[name] = text(credential.response[name]);
      }
    );
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: response,
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    form.hidden = !window.PublicKeyCredential;
    var trouble = form.querySelector("[role=alert]");
    form.addEventListener("submit", function (event) {
      var field = form.elements.passkey;
      if (field.value) return;
      event.preventDefault();
      trouble.hidden = true;
      var asked = { publicKey: withBytes(JSON.parse(form.dataset.options)) };
      navigator.credentials[form.dataset.passkey](asked).then(
        function (credential) {
          field.value = answerOf(credential);
          form.submit();
        },
        function () { trouble.hidden = false; }
      );
    });
  });
})();
