// As much of a document as the modules' unit tests need. What depends on layout is tested in a real browser.

/** An element: its tree, text, attributes, classes and events. */
export class FakeElement extends EventTarget {
  constructor(tag = "div") {
    super();
    this.tagName = tag.toUpperCase();
    this.childNodes = [];
    this.attributes = new Map();
    this.dataset = {};
    this.style = { setProperty: (name, value) => (this.style[name] = value) };
    this.hidden = false;
    this.value = "";
    this.checked = false;
    this.classes = new Set();
    this.classList = {
      add: (name) => this.classes.add(name), remove: (name) => this.classes.delete(name), contains: (name) => this.classes.has(name),
      toggle: (name, on = !this.classes.has(name)) => (on ? this.classes.add(name) : this.classes.delete(name), on),
    };
    this.parent = null;
    this.offsetHeight = 0;
    this.scrollTop = 0;
  }

  get children() {
    return this.childNodes.filter((node) => node instanceof FakeElement);
  }
  get firstElementChild() {
    return this.children[0] ?? null;
  }
  get lastElementChild() {
    return this.children.at(-1) ?? null;
  }
  get nextElementSibling() {
    const all = this.parent?.children ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }
  get isConnected() {
    return this.parent !== null;
  }
  get ownerDocument() {
    return globalThis.document;
  }
  get textContent() {
    return this.childNodes.map((node) => (typeof node === "string" ? node : node.textContent)).join("");
  }
  set textContent(text) {
    this.childNodes = text === "" ? [] : [text];
  }
  hasChildNodes() {
    return this.childNodes.length > 0;
  }
  append(...nodes) {
    for (const node of nodes) {
      if (node instanceof FakeElement) {
        node.remove();
        node.parent = this;
      }
      this.childNodes.push(node);
    }
  }
  prepend(node) {
    this.insertBefore(node, this.childNodes[0] ?? null);
  }
  insertBefore(node, before) {
    node.remove();
    node.parent = this;
    const at = before === null ? this.childNodes.length : this.childNodes.indexOf(before);
    this.childNodes.splice(at, 0, node);
  }
  after(node) {
    this.parent.insertBefore(node, this.nextElementSibling);
  }
  replaceWith(node) {
    this.parent.insertBefore(node, this);
    this.remove();
  }
  replaceChildren(...nodes) {
    for (const child of this.children) child.parent = null;
    this.childNodes = [];
    this.append(...nodes);
  }
  remove() {
    if (this.parent) this.parent.childNodes = this.parent.childNodes.filter((node) => node !== this);
    this.parent = null;
  }
  setAttribute(name, value) {
    this.attributes.set(name, String(value));
    if (name === "class") this.classes = new Set(String(value).split(" "));
    if (name === "hidden") this.hidden = true;
    if (name === "value") this.value = value;
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = String(value);
  }
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  contains(other) {
    return other === this || this.children.some((child) => child.contains(other));
  }
  focus() {
    globalThis.document.activeElement = this;
  }
  select() {}
  getBoundingClientRect() {
    return { left: 0, width: 600 };
  }
  /** All below it that fit the last part of a selector, or of one of several: a tag, a class, an id. */
  querySelectorAll(selector) {
    const fits = selector.split(",").map((part) => part.trim().split(/[\s>]+/).at(-1)).map((one) => (e) =>
      one[0] === "." ? e.classes.has(one.slice(1)) : one[0] === "#" ? e.getAttribute("id") === one.slice(1) : e.tagName === one.toUpperCase());
    return this.children.flatMap((child) => [...(fits.some((fit) => fit(child)) ? [child] : []), ...child.querySelectorAll(selector)]);
  }
  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }
  /** Lets an event happen on it. */
  fire(type, more = {}) {
    const event = Object.assign(new Event(type, { cancelable: true }), more);
    this.dispatchEvent(event);
    return event;
  }
  click() {
    this.fire("click");
  }
}

/** Makes a document for the elements of the modules under test. */
export function fakeDocument() {
  const document = Object.assign(new FakeElement("document"), {
    hidden: false, activeElement: null, title: "Elva", body: new FakeElement("body"), head: new FakeElement("head"),
    createElement: (tag) => new FakeElement(tag), createElementNS: (_, tag) => new FakeElement(tag), execCommand: () => true,
  });
  globalThis.document = document;
  return document;
}

/** A page of fakes: whichever element is asked for is there. */
export const fakePage = () => new Proxy({}, { get: (all, id) => (all[id] ??= new FakeElement()) });
