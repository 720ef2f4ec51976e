-- What is looked up by a text that may be longer than a quarter of a page is indexed by its digest: what lies on an
-- overflow page is seen by no check. Of a caller's key nothing else is needed; a webhook's URL stands whole beside it.
UPDATE idempotency_key SET key = indexed(key) WHERE length(CAST(key AS BLOB)) > 64;

ALTER TABLE webhook_queue ADD COLUMN whole_url TEXT;  -- where `url` is only its digest
UPDATE webhook_queue SET whole_url = url, url = indexed(url) WHERE length(CAST(url AS BLOB)) > 64;
