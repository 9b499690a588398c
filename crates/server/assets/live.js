// <live-fragment src="/fragments/…" interval="2">: fetches a part of the page anew while somebody looks at it.
// The page is whole without this file; it is then only as fresh as its last load.

const SLOWEST_SECS = 30;

class LiveFragment extends HTMLElement {
  #timer = 0;
  #failures = 0;
  #paused = false;
  #asking = null;
  #state = null;
  #last = null;

  connectedCallback() {
    this.#state ??= this.#addState();
    document.addEventListener("visibilitychange", this);
    this.#plan();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  handleEvent() {
    if (document.hidden) clearTimeout(this.#timer);
    else this.#refresh();
  }

  get #seconds() {
    const wanted = Number(this.getAttribute("interval")) || 2;
    return Math.min(wanted * 2 ** this.#failures, SLOWEST_SECS);
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.isConnected && !document.hidden && !this.#paused) {
      this.#timer = setTimeout(() => this.#refresh(), this.#seconds * 1000);
    }
  }

  async #refresh() {
    if (this.#paused || this.#asking) return;
    this.#asking = new AbortController();
    try {
      const signal = AbortSignal.any([this.#asking.signal, AbortSignal.timeout(10_000)]);
      const answer = await fetch(this.getAttribute("src"), { signal, headers: { Accept: "text/html" }, redirect: "error" });
      if (answer.status === 401 || answer.status === 403) return location.reload();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const html = await answer.text();
      // Somebody may have paused it meanwhile.
      if (this.#paused) return;
      this.#show(html);
      this.#failures = 0;
      this.#tell("live");
    } catch {
      if (!this.isConnected) return;
      this.#failures = Math.min(this.#failures + 1, 4);
      this.#tell("lost");
    } finally {
      this.#asking = null;
      this.#plan();
    }
  }

  // Rows keep their data-id over a swap; those that were not there before are marked as arrived.
  #show(html) {
    if (html === this.#last) return;
    const part = this.querySelector("[data-live]");
    if (!part || this.#inUse(part)) return;
    const known = new Set([...part.querySelectorAll("[data-id]")].map((row) => row.dataset.id));
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolled = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    // What is done is shown whole, with what can be done next.
    if (fresh.content.querySelector("[data-done]")) return location.reload();
    const first = this.#last === null && known.size === 0;
    for (const row of fresh.content.querySelectorAll("[data-id]")) {
      if (!first && !known.has(row.dataset.id)) row.classList.add("arrived");
    }
    part.replaceChildren(fresh.content);
    part.querySelectorAll(".scroll").forEach((box, index) => { box.scrollLeft = scrolled[index] ?? 0; });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.#last = html;
  }

  // Nobody's typing, and nobody's selection, is taken away.
  #inUse(part) {
    const active = document.activeElement;
    const typing = active?.matches("input, select, textarea") && part.contains(active);
    const selection = getSelection();
    return typing || (selection && !selection.isCollapsed && part.contains(selection.anchorNode));
  }

  #addState() {
    const state = document.createElement("div");
    state.className = "live-state";
    const dot = document.createElement("span");
    dot.className = "dot";
    const words = document.createElement("span");
    words.className = "words";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet little";
    button.textContent = this.getAttribute("pause-word") || "Pause";
    button.addEventListener("click", () => this.#toggle(button));
    state.append(dot, words, button);
    this.prepend(state);
    this.#state = state;
    this.#tell("live");
    return state;
  }

  #toggle(button) {
    this.#paused = !this.#paused;
    button.textContent = this.#paused
      ? this.getAttribute("resume-word") || "Go on"
      : this.getAttribute("pause-word") || "Pause";
    this.#tell(this.#paused ? "paused" : "live");
    if (this.#paused) clearTimeout(this.#timer);
    else this.#refresh();
  }

  #tell(state) {
    if (this.#paused) state = "paused";
    this.#state.dataset.state = state;
    const words = { live: "Live", paused: "Paused", lost: "Connection lost, trying again" };
    this.#state.querySelector(".words").textContent = this.getAttribute(`${state}-text`) || words[state];
  }
}

customElements.define("live-fragment", LiveFragment);
