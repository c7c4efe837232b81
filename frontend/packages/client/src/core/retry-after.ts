// Retry-After: seconds, or a date counted from the answer's own Date, so that clocks need not agree.

const MOST_MS = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
// The three forms a recipient must understand (RFC 9110 section 5.6.7).
const FIXDATE = /^[A-Za-z]{3}, +(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC850 = /^[A-Za-z]{6,9}, (\d{1,2})-([A-Za-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME = /^[A-Za-z]{3} ([A-Za-z]{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

function utc(year: number, month: string, day: string, time: readonly string[]): number | undefined {
  const index = MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase());
  const [hour, minute, second] = time.map(Number);
  return index < 0 ? undefined : Date.UTC(year, index, Number(day), hour, minute, second);
}

export function parseHttpDate(text: string): number | undefined {
  const fix = FIXDATE.exec(text);
  if (fix) return utc(Number(fix[3]), fix[2] ?? "", fix[1] ?? "", fix.slice(4, 7));
  const old = RFC850.exec(text);
  if (old) {
    const short = Number(old[3]);
    return utc(short + (short < 69 ? 2000 : 1900), old[2] ?? "", old[1] ?? "", old.slice(4, 7));
  }
  const c = ASCTIME.exec(text);
  return c ? utc(Number(c[6]), c[1] ?? "", c[2] ?? "", c.slice(3, 6)) : undefined;
}

/** Milliseconds to wait; undefined for any other text. A date gone by is 0. `now`: where the answer has no Date. */
export function parseRetryAfter(text: string, date: string, now: number): number | undefined {
  if (/^\d+$/.test(text)) {
    const seconds = Number(text);
    return Number.isSafeInteger(seconds) ? Math.min(seconds * 1000, MOST_MS) : undefined;
  }
  const until = parseHttpDate(text);
  if (until === undefined) return undefined;
  return Math.min(Math.max(until - (parseHttpDate(date) ?? now), 0), MOST_MS);
}
