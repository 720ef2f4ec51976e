// JSON over HTTP with Node's own client.
export class HttpError extends Error {
  constructor(status, body, what) {
    super(`${what}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export function jsonClient(base, headers = {}) {
  return async (method, path, body, more = {}) => {
    const response = await fetch(base + path, {
      method,
      headers: { ...headers, ...more, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = text ? JSON.parse(text) : undefined;
    if (!response.ok) throw new HttpError(response.status, parsed, `${method} ${path}`);
    return parsed;
  };
}
