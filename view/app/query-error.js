/** QueryError says what is wrong with a query or a parameter of a filter. */
export class QueryError extends Error {
  /**
   * @param {string} message
   * @param {number} [at] the position of the error in a query, in code points, or -1 if the error is not in a query
   */
  constructor(message, at = -1) {
    super(message);
    this.at = at;
  }
}
