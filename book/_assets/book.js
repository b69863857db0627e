// What is wider than the page scrolls inside itself: with the keyboard too, so it must take the focus.
const takeFocus = () =>
  document.querySelectorAll(".bd-article :is(div.math, span.math, mjx-container, div.speed)").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible")
      box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
addEventListener("load", () => document.fonts.ready.then(takeFocus));
addEventListener("resize", takeFocus);
