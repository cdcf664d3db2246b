// The navigation, and the address of the page in view. In Voilà the address is that of
// the browser, after "#/". In JupyterLab the address bar belongs to Lab: there the
// kernel alone knows the address, and two buttons lead back and forward.
const NARROW_PX = 760;
const FIRST_INPUTS = ".dmc-main .dmc-first :is(input, select, button), .dmc-main button.dmc-first";
const LANGUAGE_COOKIE = "dmc-language";
const YEAR_S = 31_536_000;

function render({ model, el }) {
  const ownsAddress = document.body.dataset.voila === "voila";
  let page = null;
  let focusing = null;
  const rail = make("div", { className: "dmc-rail" });
  const toggle = button("dmc-rail-toggle", "", t("Menu"));
  const nav = make("nav", { id: `dmc-pages-${model.model_id ?? "0"}` });
  const links = new Map();
  nav.setAttribute("aria-label", t("Pages"));
  toggle.setAttribute("aria-controls", nav.id);
  drawIcon(toggle, model.get("icons").menu);

  const head = make("div", { className: "dmc-rail-head" }, toggle, ...buildHistory());
  const brand = make("a", { className: "dmc-brand", href: "#/" });
  brand.textContent = model.get("brand");
  const place = make("div", { className: "dmc-rail-place" });
  head.prepend(brand);
  rail.append(head, nav, place, buildLanguages(), ...buildThemes());
  el.replaceChildren(rail);
  buildLinks();

  function buildHistory() {
    if (ownsAddress) return [];
    return ["back", "forward"].map((kind) => {
      const label = kind === "back" ? t("Previous Page") : t("Next Page");
      const step = button("dmc-rail-step", "", label);
      drawIcon(step, model.get("icons")[kind]);
      step.addEventListener("click", () => model.send({ kind }));
      return step;
    });
  }

  // The page of Voilà keeps the choice in this browser; Lab has themes of its own.
  function buildThemes() {
    if (!ownsAddress || !window.dmcTheme) return [];
    const themes = { system: t("System"), light: t("Light"), dark: t("Dark") };
    const select = buildChoice(Object.entries(themes), window.dmcTheme());
    select.addEventListener("change", () => window.dmcTheme(select.value));
    return [make("label", { className: "dmc-rail-choice" }, t("Theme"), select)];
  }

  // The browser keeps the choice in a cookie, so that the server knows it, too.
  function buildLanguages() {
    const select = buildChoice(model.get("languages"), language.code);
    for (const option of select.options) option.lang = option.value;
    select.addEventListener("change", () => {
      const attributes = `path=/; max-age=${YEAR_S}; SameSite=Lax`;
      document.cookie = `${LANGUAGE_COOKIE}=${select.value}; ${attributes}`;
      if (ownsAddress) location.reload();
      else model.send({ kind: "languages", codes: [select.value] });
    });
    return make("label", { className: "dmc-rail-choice" }, t("Language"), select);
  }

  function buildChoice(options, chosen) {
    const select = make("select");
    for (const [value, textContent] of options) {
      select.append(make("option", { value, textContent }));
    }
    select.value = chosen;
    return select;
  }

  // The whole page is in the language of the kernel, which is that of the browser.
  function speak() {
    const { code: lang, dir } = language;
    if (ownsAddress) Object.assign(document.documentElement, { lang, dir });
    Object.assign(page, { lang, dir });
    const kept = document.cookie.match(`(?:^|; )${LANGUAGE_COOKIE}=([\\w-]+)`);
    const codes = [...(kept ? [kept[1]] : []), ...navigator.languages];
    model.send({ kind: "languages", codes });
  }

  function buildLinks() {
    const groups = new Map();
    for (const item of model.get("items")) {
      const link = make("a", { href: `#/${item.address}` });
      drawIcon(link, item.icon);
      link.append(make("span", { textContent: item.title }));
      if (!groups.has(item.group)) groups.set(item.group, make("ul"));
      groups.get(item.group).append(make("li", {}, link));
      links.set(item.address, link);
    }
    for (const [name, list] of groups) list.setAttribute("aria-label", name);
    nav.replaceChildren(...groups.values());
  }

  function showPlace() {
    const { current } = model.get("place");
    for (const [address, link] of links) {
      if (address === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    place.textContent = model.get("workspace");
    close();
  }

  // The browser follows the kernel.
  function followKernel() {
    const { address, replaced } = model.get("place");
    showPlace();
    // A form that becomes a draft gets another address while somebody works in it.
    if (!replaced) focusFirst();
    if (!ownsAddress || address === hashAddress()) return;
    const url = `#/${address}`;
    if (replaced) {
      history.replaceState(null, "", url);
      return;
    }
    history.pushState(null, "", url);
    scrollTo(0, 0);
  }

  // A page that is opened for the first time is drawn a moment later.
  function focusFirst(attempts = 50) {
    clearTimeout(focusing);
    const inputs = page?.querySelectorAll(FIRST_INPUTS) ?? [];
    const first = [...inputs].find((input) => input.checkVisibility());
    if (first) first.focus({ preventScroll: true });
    else if (attempts > 0) focusing = setTimeout(focusFirst, 100, attempts - 1);
  }

  // The kernel follows the browser: Back, Forward, and what is typed or bookmarked.
  function followBrowser() {
    const address = hashAddress();
    if (address !== model.get("place").address) model.send({ kind: "go", address });
  }

  // A link to a page opens it anew, also in Lab, whose address must not change.
  function onClick(event) {
    const link = event.target.closest?.('a[href^="#/"]');
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (ownsAddress && modified) return; // opens a tab of its own
    event.preventDefault();
    close();
    model.send({ kind: "open", address: link.getAttribute("href").slice(2) });
  }

  function showTitle() {
    if (ownsAddress) document.title = model.get("title");
  }

  function close() {
    toggle.setAttribute("aria-expanded", "false");
    nav.classList.remove("dmc-rail-open");
  }

  function onToggle() {
    const open = nav.classList.toggle("dmc-rail-open");
    toggle.setAttribute("aria-expanded", String(open));
    if (open) nav.querySelector("a")?.focus();
  }

  function onKey(event) {
    if (event.key !== "Escape" || !nav.classList.contains("dmc-rail-open")) return;
    close();
    toggle.focus();
  }

  // The widget is drawn before it stands in the page.
  const observer = new ResizeObserver(() => {
    if (page === null) enterPage();
    page?.classList.toggle("dmc-narrow", page.clientWidth < NARROW_PX);
  });
  observer.observe(el);

  function enterPage() {
    page = el.closest(".dmc-page");
    if (page === null) return;
    observer.observe(page);
    speak();
    page.addEventListener("click", onClick);
  }

  toggle.addEventListener("click", onToggle);
  rail.addEventListener("keydown", onKey);
  model.on("change:place", followKernel);
  model.on("change:items", buildLinks);
  model.on("change:title", showTitle);
  if (ownsAddress) window.addEventListener("hashchange", followBrowser);
  if (ownsAddress && hashAddress()) followBrowser();
  else if (ownsAddress && model.get("place").address) {
    history.replaceState(null, "", `#/${model.get("place").address}`);
  }
  showPlace();
  showTitle();

  return () => {
    observer.disconnect();
    clearTimeout(focusing);
    page?.removeEventListener("click", onClick);
    window.removeEventListener("hashchange", followBrowser);
    model.off("change:place", followKernel);
    model.off("change:items", buildLinks);
    model.off("change:title", showTitle);
  };
}

function hashAddress() {
  return location.hash.replace(/^#\/?/, "");
}

// Icons are ours, and come with the widget.
function drawIcon(element, svg) {
  const parsed = new DOMParser().parseFromString(svg, "text/html");
  element.append(...parsed.body.childNodes);
}

export default localized({ render });
