// "Open in your own JupyterHub": an address that makes a hub fetch this book (with nbgitpuller) and open a chapter.
// The hub's address is remembered in this browser and goes nowhere else.
(() => {
  const form = document.querySelector("form.hub");
  if (!form) return;
  const [address, chapter] = [form.elements.address, form.elements.chapter];
  const [problem, shared] = [form.querySelector("#hub-problem"), form.querySelector(".hub-link")];
  const KEY = "hub-address";

  // The hub's own root, whichever of its pages the address was copied from.
  function root(text) {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
    if (!/^https?:$/.test(url.protocol) || !/\.|^localhost$|^\[/.test(url.hostname)) throw new TypeError(text);
    return url.origin + url.pathname.replace(/\/(hub|user|services|lab|tree)(\/.*)?$/, "").replace(/\/+$/, "");
  }

  function link() {
    const { repository, branch } = form.dataset;
    const urlpath = `lab/tree/${repository.split("/").pop()}/${chapter.value}`;
    const query = new URLSearchParams({ repo: repository, urlpath, branch });
    return `${root(address.value.trim())}/hub/user-redirect/git-pull?${query}`;
  }

  function update(say) {
    shared.hidden = true;
    problem.textContent = "";
    address.removeAttribute("aria-invalid");
    try {
      const anchor = shared.querySelector("a");
      anchor.textContent = anchor.href = link();
      shared.hidden = false;
      return anchor.href;
    } catch {
      if (!say) return "";
      problem.textContent = address.value.trim()
        ? `“${address.value.trim()}” is not the address of a hub. It looks like https://hub.example.edu.`
        : "Write the address at which you open your hub, as in https://hub.example.edu.";
      address.setAttribute("aria-invalid", "true");
      address.focus();
      return "";
    }
  }

  function choose() {
    const asked = decodeURIComponent(location.hash.slice(1));
    if ([...chapter.options].some((option) => option.value === asked)) chapter.value = asked;
    update(false);
  }

  try {
    address.value = localStorage.getItem(KEY) ?? "";
  } catch {
    // A browser that keeps nothing for a page opened as a file asks again each time.
  }
  form.addEventListener("change", (event) => update(event.target === address && address.value.trim()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const target = update(true);
    if (!target) return;
    try {
      localStorage.setItem(KEY, root(address.value.trim()));
    } catch {
      // see above
    }
    location.assign(target);
  });
  addEventListener("hashchange", choose);
  choose();
})();
