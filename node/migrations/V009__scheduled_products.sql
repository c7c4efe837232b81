-- Goods that are active, but not to be seen before their published_at, are stored under a status of their own: lists, searches and counts
-- pass them over as they pass over drafts, and need not look at times. A duty makes them active when the time has come.
ALTER TABLE products DROP CONSTRAINT products_status_check;
ALTER TABLE products ADD CONSTRAINT products_status_check CHECK (status BETWEEN 1 AND 4);   -- draft, active, archived, scheduled
CREATE INDEX products_scheduled ON products (published_at) WHERE status = 4;
