'use strict';
// A new price for a product, with an idempotency key: the same rows that Kiềng writes, statement by statement, one commit.
const crypto = require('node:crypto');

const CLAIM = 'INSERT INTO requests (principal, key, fingerprint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1';
const COLUMNS = `id, status, version, price, compare_at_price, price_version, created_at, updated_at, published_at, category_id,
  subcategory_id, variant_count, primary_image, currency, sku, slug, name, brand, tags, image_urls, image_alts, changed_fields,
  description`;
const LOCK = `SELECT ${COLUMNS} FROM products WHERE id = $1 FOR NO KEY UPDATE`;
const KEEP = `INSERT INTO product_versions (product_id, version, product, changed, changed_at)
  VALUES ($1, $2, $3, $4, $5)`;
const UPDATE = `UPDATE products SET price = $2, version = version + 1, price_version = price_version + 1, updated_at = now(),
  changed_fields = '{price}' WHERE id = $1 RETURNING ${COLUMNS}`;
const HISTORY = `INSERT INTO price_history (product_id, price_version, seq, old_price, new_price, currency)
  VALUES ($1, $2, 0, $3, $4, $5)`;
const AUDIT = `INSERT INTO audit_log (id, actor_email, action, entity, entity_id, node, request_id, address, details)
  VALUES (gen_random_uuid(), 'owner@example.com', 'product.update', 'product', $1, 'express', $2, '127.0.0.1', $3)`;
const ANNOUNCE = `WITH head AS (UPDATE cluster_head SET pos = pos + 1 RETURNING pos),
  announced AS (
    INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data)
    SELECT head.pos, 1, 'ProductUpdatedEvent', 'product', $3, $4, $5, 'express', '', '{}' FROM head)
  UPDATE requests SET state = 'done', status = 200, headers = '{}', body = $6, pos = head.pos FROM head
  WHERE principal = $1 AND key = $2`;

const PRINCIPAL = 'express';

async function editPrice(pool, id, wanted, key) {
  const fingerprint = crypto.createHash('sha256').update(id).update(JSON.stringify(wanted)).digest();
  const connection = await pool.connect();
  const run = (name, text, values) => connection.query({ name, text, values });
  try {
    await connection.query('BEGIN');
    const claimed = await run('claim', CLAIM, [PRINCIPAL, key, fingerprint]);
    if (claimed.rows.length === 0) return await refuse(connection, 409, 'in_progress');
    const before = (await run('lock', LOCK, [id])).rows[0];
    if (before === undefined) return await refuse(connection, 404, 'not_found');
    if (before.version !== wanted.version) return await refuse(connection, 409, 'version_conflict');
    await run('keep', KEEP, [id, before.version, JSON.stringify(before), before.changed_fields, before.updated_at]);
    const after = (await run('update', UPDATE, [id, wanted.price])).rows[0];
    await run('history', HISTORY, [id, after.price_version, before.price, after.price, after.currency]);
    const details = JSON.stringify({ price: { from: before.price, to: after.price } });
    await run('audit', AUDIT, [id, key, details]);
    const body = JSON.stringify(after);
    const tags = [`product:${id}`, 'list:products', `category:${after.category_id}`, `slug:${after.slug}`, `sku:${after.sku}`];
    await run('announce', ANNOUNCE, [PRINCIPAL, key, id, after.version, tags, body]);
    await connection.query('COMMIT');
    return { status: 200, body };
  } catch (problem) {
    await connection.query('ROLLBACK').catch(() => {});
    return { status: 500, body: JSON.stringify({ code: problem.code ?? 'internal_error' }) };
  } finally {
    connection.release();
  }
}

async function refuse(connection, status, code) {
  await connection.query('ROLLBACK');
  return { status, body: JSON.stringify({ code }) };
}

module.exports = { editPrice };
