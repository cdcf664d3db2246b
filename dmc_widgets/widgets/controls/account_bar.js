// Who is signed in. Signing out is a form, so that the browser states where it comes from
// and shows the page that answers.
function render({ model, el }) {
  const user = model.get("user");
  const name = make("span", { className: "dmc-account-user", textContent: user });
  const form = make("form", { method: "post", action: model.get("sign_out_url") });
  const leave = make("button", {
    type: "submit",
    className: "dmc-control-button",
    textContent: t("Sign Out"),
  });
  name.dir = "auto";
  form.append(leave);
  el.classList.add("dmc-account");
  el.append(...(user ? [name] : []), form);
}

export default localized({ render });
