/**
 * The shapes that the stream sends. Keys are the public ones of `?events` and `?records`; absent parts are left out.
 *
 * @typedef {object} LogRecord
 * @property {number} seq
 * @property {string} at arrival, by the server's clock
 * @property {string} [channel]
 * @property {string} [time] the record's own
 * @property {string} [level]
 * @property {string} [logger]
 * @property {string} [message]
 * @property {string} [source]
 * @property {string} [trace]
 * @property {string} [host]
 * @property {number} [pid]
 * @property {Record<string, unknown>} [fields]
 * @property {string} [template]
 *
 * @typedef {object} Gap
 * @property {number} [seq]
 * @property {string} kind redis, evicted, slow, restart, stream
 * @property {number} [lost]
 * @property {string} [from]
 * @property {string} [to]
 * @property {string} [lastRecord]
 * @property {string} [reason]
 *
 * @typedef {object} Source
 * @property {string} name
 * @property {string} kind channel, pattern, or another word
 * @property {string} [confirmed] since when it is heard
 * @property {string} [refused] what Redis says
 * @property {string} [refusedSince]
 * @property {string} [nextTry]
 * @property {number} [records]
 * @property {string} [lastRecord]
 *
 * @typedef {{records: number, warnings: number, errors: number}} Tally
 *
 * @typedef {object} Worker
 * @property {string} name
 * @property {string} [host]
 * @property {string} [service]
 * @property {string} channel
 * @property {string} state active, quiet, replaced, ended, learning
 * @property {string} firstSeen
 * @property {string} lastSeen
 * @property {number} [usual] seconds, as threshold
 * @property {number} [threshold]
 * @property {number} records
 * @property {number} rate
 * @property {Tally} last1
 * @property {Tally} last5
 * @property {Tally} last60
 * @property {number} skew
 *
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} [logger]
 * @property {string} level
 * @property {number} count
 * @property {string} firstSeen
 * @property {string} lastSeen
 * @property {number} lastSeq
 * @property {boolean} [new]
 * @property {number} workers
 * @property {number[]} minutes
 *
 * @typedef {object} Status
 * @property {string} at
 * @property {string} epoch
 * @property {string} build
 * @property {string} [title]
 * @property {{state: string, since?: string, text?: string, lastInput?: string, lastRecord?: string, nextTry?: string, sources?: Source[]}} redis
 * @property {Record<string, number>} rates
 * @property {Record<string, number>} counts
 * @property {{state: string, verdict: string}} health
 * @property {number} viewers
 * @property {{records: number, bytes: number, firstSeq: number, lastSeq: number, oldest?: string}} history
 * @property {number} gaps
 * @property {number} lost
 * @property {number} [uptime]
 * @property {{from: string, levels: Record<string, number[]>}} [minutes] the last hour; in a status event its newest two
 * @property {{lastMinute: number, usual?: number}} [errors]
 * @property {{workers: number, silent: number, otherRecords?: number, kinds: number, newKinds: number, otherErrors?: number}} [summary]
 * @property {Worker[]} [workers] only in the answer to ?health, as kinds
 * @property {Kind[]} [kinds]
 */
export {};
