/** storage returns the local storage, or an empty one where the browser forbids it: even reading the property throws. @param {Window} window */
export function storage(window) {
  try {
    return window.localStorage;
  } catch {
    return { getItem: () => null, setItem() {} };
  }
}
