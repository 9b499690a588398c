// <live-answer src="/fragments/…">: inside a form, shows what the form as it now stands would come to.
// The form is whole without this file; its own button asks for the same.

const PAUSE_MS = 500;

class LiveAnswer extends HTMLElement {
  #timer = 0;
  #asking = null;
  #form = null;

  connectedCallback() {
    this.#form = this.closest("form");
    this.#form?.addEventListener("input", this);
    // The button is for browsers without scripts.
    for (const button of this.querySelectorAll("[data-without-script]")) button.hidden = true;
  }

  disconnectedCallback() {
    this.#form?.removeEventListener("input", this);
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  handleEvent() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(20_000)]);
      const answer = await fetch(this.getAttribute("src"), {
        method: "POST", body: new URLSearchParams(new FormData(this.#form)), signal, headers: { Accept: "text/html" },
      });
      if (!answer.ok) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      this.querySelector("[data-live]")?.replaceChildren(fresh.content);
    } catch {
      // Typed on, or not reached: the next sign asks again.
    }
  }
}

customElements.define("live-answer", LiveAnswer);

// <file-text for="…">: puts the text of a chosen file into a text area, which can be pasted into as well.
class FileText extends HTMLElement {
  connectedCallback() {
    const label = document.createElement("label");
    const choose = document.createElement("input");
    label.textContent = "A file";
    choose.type = "file";
    choose.accept = ".csv,text/csv,text/plain";
    choose.addEventListener("change", async () => {
      const [file] = choose.files;
      if (file) document.getElementById(this.getAttribute("for")).value = await file.text();
    });
    label.append(choose);
    this.replaceChildren(label);
  }
}

customElements.define("file-text", FileText);

// <tick-all for="…">: ticks every box of a form, wherever on the page they stand, or none.
class TickAll extends HTMLElement {
  connectedCallback() {
    const label = document.createElement("label");
    const all = document.createElement("input");
    label.className = "choice";
    all.type = "checkbox";
    all.addEventListener("change", () => {
      for (const box of document.getElementById(this.getAttribute("for")).elements) {
        if (box.type === "checkbox" && box !== all) box.checked = all.checked;
      }
    });
    label.append(all, "All");
    this.replaceChildren(label);
  }
}

customElements.define("tick-all", TickAll);
