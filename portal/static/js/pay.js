// The page on which a payment is made: Stripe's own fields, in frames of Stripe's, confirmed there.
"use strict";

(() => {
  const form = document.getElementById("pay-form");
  const problem = document.getElementById("pay-error");
  if (!form || !window.Stripe) {
    return;
  }
  const { stripeKey, stripeSecret, back, locale } = form.dataset;
  const isDark = document.documentElement.dataset.bsTheme === "dark";
  const stripe = window.Stripe(stripeKey, { locale });
  const elements = stripe.elements({
    clientSecret: stripeSecret,
    appearance: { theme: isDark ? "night" : "stripe" },
  });
  elements.create("payment").mount("#payment-element");

  const say = (message) => {
    problem.textContent = message;
    problem.hidden = !message;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    say("");
    const { error } = await stripe.confirmPayment({
      elements,
      confirmParams: { return_url: back },
    });
    // Only a failure comes back here: else the browser has left for where the payer goes on.
    say(error?.message || "");
    button.disabled = false;
  });
})();
