// Names for Chainlit's unnamed controls, live regions for screen readers, and citation marks that open the panel.
(() => {
  const BY_ICON = {
    "lucide-copy": "Copy answer", "lucide-arrow-up": "Send message", "lucide-square-pen": "New conversation",
    "lucide-arrow-left": "Close source", "lucide-arrow-down": "Scroll to the latest message", "lucide-x": "Close",
    "lucide-sun": "Colour theme", "lucide-moon": "Colour theme", "lucide-ellipsis": "More",
  };
  const BY_ID = {
    "new-chat-button": "New conversation", "chat-submit": "Send message", "stop-button": "Stop",
    "theme-toggle": "Colour theme", "chat-profiles": "Who is reading: patients or clinicians",
  };

  const name = (button) => {
    const icon = button.querySelector("svg");
    const byIcon = icon && [...icon.classList].map((c) => BY_ICON[c]).find(Boolean);
    const label = BY_ID[button.id] || (button.innerText.trim() ? null : byIcon);
    if (label) button.setAttribute("aria-label", label);
  };

  const improve = () => {
    document.querySelectorAll("button:not([aria-label])").forEach(name);
    document.querySelectorAll("#chat-input:not([aria-label])").forEach((e) => e.setAttribute("aria-label", "Your question"));
    document.querySelectorAll(".message-content:not([dir]), #chat-input:not([dir])").forEach((e) => e.setAttribute("dir", "auto"));
    document.querySelectorAll('[role="dialog"]:has(#side-view-title)').forEach((e) => e.setAttribute("aria-labelledby", "side-view-title"));
    document.querySelectorAll(".ai-message:not([aria-live])").forEach((e) => e.setAttribute("aria-live", "polite"));
    document.querySelectorAll(".message-content blockquote:not([role])").forEach((e) => e.setAttribute("role", "alert"));
    document.querySelectorAll('.message-content a[href^="/sources/"]:not([aria-label])').forEach((a) =>
      a.setAttribute("aria-label", "Source " + a.innerText.replace(/[\[\]]/g, "")));
  };

  // A plain click on [n] opens the panel beside the answer; with a modifier key, or before the list is there,
  // the link opens the page of the source.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('.message-content a[href^="/sources/"]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const href = link.getAttribute("href");
    const buttons = [...document.querySelectorAll(".marrow-sources button")].filter((b) => b.dataset.source === href);
    const near = buttons.find((b) => link.closest(".ai-message")?.contains(b)) || buttons.at(-1);
    if (!near) return;
    event.preventDefault();
    near.click();
  });

  let timer;
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(improve, 120);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
