/**
 * @template T
 * @typedef {object} LazyFile
 * @property {T | undefined} module what is in it, once it is there
 * @property {(quiet?: boolean) => Promise<T | undefined>} load quiet: nobody has asked for it yet
 */

/**
 * createLazyFile loads another file of the page, once. Where it does not come, the next call tries again.
 * @template T
 * @param {(tries: number) => Promise<T>} load
 * @param {() => void} failed is called when it does not come and somebody waits for it
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
