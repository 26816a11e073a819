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

// No question is lost: what is typed, and sent, before the chat is connected for good waits until it is.
(() => {
  // Chainlit 2.12 connects DEBOUNCE_MS after it is told to. For a profile it has not shown before it is told so twice:
  // at once, and when the profile's settings have come. The second connection closes the first, and an answer that
  // was on its way there never arrives. So a connection that settings may overtake waits for them, and for the other,
  // and a question waits for the connection that comes after the settings and the reader's last change of profile.
  const DEBOUNCE_MS = 190; // 200, less what a timer may be early
  const GRACE_MS = 1000;
  const CONNECTING_MS = 5000; // then the button alone decides: the connection may be of a kind not watched here
  const CHANGES = '[role="option"], #confirm, #new-chat-button';
  let asking = 0, answered = -Infinity, latest = 0;
  let changed = -Infinity, connecting = -Infinity, connected = -Infinity;
  const now = () => performance.now();
  const settled = (ms) => !asking && now() - answered >= ms;
  const request = window.fetch;

  const mayConnect = async () => {
    const mine = ++latest;
    if (settled(DEBOUNCE_MS)) return true;
    while (mine === latest && !settled(GRACE_MS)) await new Promise((done) => setTimeout(done, 50));
    return mine === latest;
  };

  window.fetch = async (address, options) => {
    const path = String(address).split("?")[0];
    if (path.endsWith("/set-session-cookie")) {
      if (!(await mayConnect())) return new Promise(() => {});
      connecting = now();
    }
    if (!path.endsWith("/project/settings")) return request(address, options);
    asking += 1;
    try {
      return await request(address, options);
    } finally {
      asking -= 1;
      answered = now();
    }
  };

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === "string" && data.includes('["connection_successful"')) connected = now();
    return send.call(this, data);
  };

  const connectedForGood = () => {
    const underWay = connecting > connected && now() - connecting < CONNECTING_MS;
    const lastChange = Math.max(answered, changed);
    return !asking && !underWay && (connecting > lastChange || now() - lastChange >= GRACE_MS);
  };

  // Until then Enter and clicks are held here, and the words typed are kept through the moments in which Chainlit
  // takes its whole page away and draws it again. Chainlit's own button is enabled when it is connected at all.
  let composer = null, draft = "", held = false, timer;
  const note = document.createElement("div");
  note.id = "marrow-waiting";
  note.setAttribute("role", "status");

  const write = (input, text) => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const maySend = () => {
    const button = document.getElementById("chat-submit");
    return button && !button.disabled && connectedForGood();
  };

  const proceed = () => {
    const input = document.getElementById("chat-input");
    if (input && input !== composer) {
      composer = input;
      if (draft && !input.value) write(input, draft);
    }
    if (held && input && maySend()) document.getElementById("chat-submit").click();
    const text = held ? "Connecting … your question will be sent in a moment." : "";
    if (note.textContent !== text) note.textContent = text;
    if (document.body && !note.isConnected) document.body.append(note);
    clearTimeout(timer);
    if (held) timer = setTimeout(proceed, 50);
  };

  const hold = (event) => {
    held = true;
    event.preventDefault();
    event.stopPropagation();
  };

  document.addEventListener("input", (event) => {
    if (event.target.id !== "chat-input") return;
    draft = event.target.value;
    if (event.isTrusted) held = false; // the reader has second thoughts
  }, true);

  document.addEventListener("click", (event) => {
    const starter = event.target.closest("#starters button"), input = document.getElementById("chat-input");
    if (event.target.closest(CHANGES)) changed = now();
    if (!event.target.closest("#chat-submit") && !starter) return;
    if (maySend() || (starter && !input)) {
      draft = "";
      held = false;
    } else {
      if (starter) write(input, starter.innerText.trim());
      hold(event);
    }
    proceed();
  }, true);

  document.addEventListener("keydown", (event) => {
    const input = document.getElementById("chat-input"), button = document.getElementById("chat-submit");
    const enter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!input && event.target === document.body && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (enter) held = draft.trim() !== "";
      else if (event.key === "Backspace") draft = draft.slice(0, -1);
      else if (event.key.length === 1) draft += event.key;
    } else if (enter && button && input && event.target === input && input.value.trim()) {
      if (maySend()) draft = "";
      else hold(event);
    }
    proceed();
  }, true);

  new MutationObserver(proceed).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"],
  });
})();
