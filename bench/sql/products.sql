-- A catalogue to measure with: :products goods in 40 subcategories of 8 categories, the same for every server.
-- Ids are UUIDv7 whose tail is a decimal number, so that pgbench can make one from a random number.

INSERT INTO categories (id, parent_id, slug, name, path)
SELECT ('01980000-0000-7000-9000-' || lpad(c::text, 12, '0'))::uuid, NULL, 'category-' || c, 'Category ' || c, 'category-' || c
  FROM generate_series(1, 8) AS c;
INSERT INTO categories (id, parent_id, slug, name, path)
SELECT ('01980000-0000-7000-9001-' || lpad((c * 100 + s)::text, 12, '0'))::uuid,
       ('01980000-0000-7000-9000-' || lpad(c::text, 12, '0'))::uuid,
       'part-' || c || '-' || s, 'Part ' || s || ' of category ' || c, 'category-' || c || '/part-' || c || '-' || s
  FROM generate_series(1, 8) AS c, generate_series(1, 5) AS s;

INSERT INTO products (id, status, price, created_at, updated_at, published_at, category_id, subcategory_id,
                      variant_count, primary_image, currency, sku, slug, name, brand, tags, image_urls, image_alts,
                      description, labels)
SELECT ('01980000-0000-7000-8000-' || i)::uuid, 2, 1000 + n * 37 % 900000, at, at, at,
       ('01980000-0000-7000-9000-' || lpad((1 + n % 8)::text, 12, '0'))::uuid,
       ('01980000-0000-7000-9001-' || lpad(((1 + n % 8) * 100 + 1 + n / 8 % 5)::text, 12, '0'))::uuid,
       1, 1, 'VND', 'SKU-' || n, 'product-' || n, 'Product ' || n || ', box of twelve', 'Brand ' || n % 50,
       ARRAY['tag ' || n % 20], ARRAY['https://img.example/p/' || n || '.webp'], ARRAY['Product ' || n],
       'A sturdy everyday article for shops that sell to neighbours.',
       'Brand ' || n % 50 || ' tag ' || n % 20 || ' SKU-' || n
  FROM (SELECT n, 100000000000 + n AS i, timestamptz '2026-01-01 00:00:00Z' + n * interval '1 minute' AS at
          FROM generate_series(1, :products) AS n) AS numbers;

INSERT INTO variants (id, product_id, position, sku)
SELECT ('01980000-0000-7000-a000-' || right(id::text, 12))::uuid, id, 0, sku FROM products;

INSERT INTO product_labels (kind, fold, name, status, product_id)
SELECT 2, vn_fold(brand), brand, status, id FROM products
UNION ALL
SELECT 1, vn_fold(tag), tag, status, id FROM products, unnest(tags) AS tag;
