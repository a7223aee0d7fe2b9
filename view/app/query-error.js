/** QueryError says what is wrong with a query or a parameter of a filter. */
export class QueryError extends Error {
  /**
   * @param {string} message
   * @param {number} [at] where the wrong part of a query begins, in code points; -1 where the error is not in a query
   */
  constructor(message, at = -1) {
    super(message);
    this.at = at;
  }
}
