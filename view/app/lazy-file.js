/**
 * @template T
 * @typedef {object} LazyFile
 * @property {T | undefined} module its exports, once loaded
 * @property {(quiet?: boolean) => Promise<T | undefined>} load quiet: does not report a failure
 */

/**
 * createLazyFile loads another file of the page, once. If loading fails, the next call tries again.
 * @template T
 * @param {(tries: number) => Promise<T>} load
 * @param {() => void} failed is called when loading fails, unless quiet
 * @returns {LazyFile<T>}
 */
export function createLazyFile(load, failed) {
  /** @type {Promise<T | undefined> | undefined} */
  let loading;
  let tries = 0;
  /** @type {LazyFile<T>} */
  const file = {
    module: undefined,
    async load(quiet) {
      loading ??= load(tries++).then((module) => (file.module = module), () => (loading = undefined));
      const module = await loading;
      if (!module && !quiet) failed();
      return module;
    },
  };
  return file;
}
