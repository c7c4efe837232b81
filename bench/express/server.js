'use strict';
// The yardstick a web developer would write first: Express and pg over the same tables, answering the same JSON.
// One process per core, prepared statements, no ETag, no log, no rights, no limits.
//   PORT, WORKERS, POOL (connections of each process), PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE
const cluster = require('node:cluster');

if (cluster.isPrimary) {
  for (let i = 0; i < Number(process.env.WORKERS); i++) cluster.fork();
  const stop = () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return;
}

const express = require('express');
const pg = require('pg');
const { editPrice } = require('./edit.js');

pg.types.setTypeParser(20, Number); // bigint: prices fit in a double
const pool = new pg.Pool({ max: Number(process.env.POOL) });
const app = express();
app.disable('x-powered-by');
app.set('etag', false);

const STATUS = [null, 'draft', 'active', 'archived'];

const PRODUCT = `SELECT p.id, p.name, p.slug, p.sku, p.description, p.price, p.currency, p.compare_at_price, p.category_id,
  p.subcategory_id, p.tags, p.brand, p.image_urls, p.image_alts, p.primary_image, p.seo_title, p.seo_description,
  p.seo_keywords, p.status, p.published_at, p.price_version, p.version, p.created_at, p.updated_at,
  (SELECT slug FROM categories WHERE id = p.category_id) AS category,
  (SELECT slug FROM categories WHERE id = p.subcategory_id) AS subcategory
  FROM products p WHERE p.id = $1 AND p.status = 2`;
const VARIANTS = 'SELECT id, sku, barcode, attributes, price FROM variants WHERE product_id = $1 ORDER BY position';
const LIST = `SELECT p.id, p.sku, p.slug, p.name, p.price, p.currency, p.compare_at_price, c.slug AS category,
  s.slug AS subcategory, p.brand, p.tags, p.image_urls[p.primary_image] AS image_url,
  p.image_alts[p.primary_image] AS image_alt, p.status, p.variant_count, p.price_version, p.version, p.created_at, p.updated_at
  FROM products p LEFT JOIN categories c ON c.id = p.category_id LEFT JOIN categories s ON s.id = p.subcategory_id
  WHERE p.status = 2 AND p.id < $1 ORDER BY p.id DESC LIMIT $2`;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

function productJson(p, variants) {
  return {
    id: p.id, name: p.name, slug: p.slug, sku: p.sku, description: p.description, price: p.price, currency: p.currency,
    compareAtPrice: p.compare_at_price, category: p.category, categoryId: p.category_id, subcategory: p.subcategory,
    subcategoryId: p.subcategory_id, tags: p.tags, brand: p.brand,
    images: p.image_urls.map((url, i) => ({ url, alt: p.image_alts[i], isPrimary: i + 1 === p.primary_image })),
    variants, seo: { title: p.seo_title, description: p.seo_description, keywords: p.seo_keywords },
    status: STATUS[p.status], publishedAt: p.published_at, priceVersion: p.price_version, version: p.version,
    createdAt: p.created_at, updatedAt: p.updated_at,
  };
}

function summaryJson(p) {
  return {
    id: p.id, sku: p.sku, slug: p.slug, name: p.name, price: p.price, currency: p.currency,
    compareAtPrice: p.compare_at_price, category: p.category, subcategory: p.subcategory, brand: p.brand, tags: p.tags,
    image: p.image_url === null ? null : { url: p.image_url, alt: p.image_alt }, status: STATUS[p.status],
    variantCount: p.variant_count, priceVersion: p.price_version, version: p.version,
    createdAt: p.created_at, updatedAt: p.updated_at,
  };
}

async function product(id) {
  const [found, variants] = await Promise.all([
    pool.query({ name: 'product', text: PRODUCT, values: [id] }),
    pool.query({ name: 'variants', text: VARIANTS, values: [id] }),
  ]);
  return found.rows.length === 0 ? null : productJson(found.rows[0], variants.rows);
}

async function list(query) {
  const limit = Math.min(Number(query.limit ?? 20), 200);
  const { rows } = await pool.query({ name: 'list', text: LIST, values: [query.cursor ?? LAST_ID, limit + 1] });
  const items = rows.slice(0, limit).map(summaryJson);
  return rows.length > limit ? { items, nextCursor: items[limit - 1].id } : { items };
}

app.get('/ready', (_, res) => res.json({}));
app.get('/products', async (req, res) => res.json(await list(req.query)));
app.get('/products/:id', async (req, res) => {
  const found = await product(req.params.id);
  if (found === null) res.status(404).json({ code: 'not_found' });
  else res.json(found);
});
app.patch('/products/:id', express.json({ type: '*/*' }), async (req, res) => {
  const edited = await editPrice(pool, req.params.id, req.body, req.get('Idempotency-Key'));
  res.status(edited.status).type('application/json').send(edited.body);
});

// The same bytes from memory: what the framework itself costs.
const kept = new Map();
app.get(['/kept/products', '/kept/products/:id'], async (req, res) => {
  let body = kept.get(req.url);
  if (body === undefined) {
    body = JSON.stringify(req.params.id ? await product(req.params.id) : await list(req.query));
    kept.set(req.url, body);
  }
  res.type('application/json').send(body);
});

app.listen(Number(process.env.PORT), '127.0.0.1', 1024);
