-- What the indexes of products cost a writer: single statements per second with all of them, and without those of one purpose. Each measurement
-- is one transaction that is rolled back, indexes and all.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET client_min_messages = warning;

-- Inserts `times` products like existing ones, or gives `times` products new prices, one statement each.
CREATE FUNCTION pg_temp.rate(what text, times int) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    from_id uuid; started timestamptz; n int;
    ids uuid[] := ARRAY(SELECT p.id FROM products p TABLESAMPLE BERNOULLI (1) LIMIT times);
BEGIN
    started := clock_timestamp();
    FOR n IN 1 .. times LOOP
        from_id := ids[n];
        IF what = 'insert' THEN
            INSERT INTO products (id, status, price, category_id, subcategory_id, variant_count, primary_image, currency, sku, slug, name, brand, tags,
                                  image_urls, image_alts, description, labels, codes)
            SELECT gen_random_uuid(), status, price, category_id, subcategory_id, variant_count, primary_image, currency, 'W' || n, 'w-' || n, name, brand, tags,
                   image_urls, image_alts, description, labels, codes FROM products WHERE id = from_id;
        ELSE
            UPDATE products SET price = price + 1, version = version + 1, updated_at = clock_timestamp() WHERE id = from_id;
        END IF;
    END LOOP;
    RETURN round(times / extract(epoch FROM clock_timestamp() - started));
END $$;

\pset format unaligned
\pset tuples_only on
\echo '| indexes | inserts/s | new prices/s |'
\echo '|---|---:|---:|'
BEGIN;
SELECT '| all |', pg_temp.rate('insert', 3000), '|', pg_temp.rate('update', 3000), '|' \g (format=unaligned fieldsep=' ')
ROLLBACK;
BEGIN;
DROP INDEX product_search_by_all;
SELECT '| without that of searches |', pg_temp.rate('insert', 3000), '|', pg_temp.rate('update', 3000), '|' \g (format=unaligned fieldsep=' ')
ROLLBACK;
BEGIN;
ALTER TABLE products DISABLE TRIGGER products_are_found;
SELECT '| all of products, nothing for searches |', pg_temp.rate('insert', 3000), '|', pg_temp.rate('update', 3000), '|' \g (format=unaligned fieldsep=' ')
ROLLBACK;
BEGIN;
ALTER TABLE products DISABLE TRIGGER products_are_found;
DROP INDEX products_newest, products_by_name, products_by_price, products_by_update,
           products_leaf_newest, products_leaf_by_name, products_leaf_by_price, products_leaf_by_update;
SELECT '| primary key and slug only |', pg_temp.rate('insert', 3000), '|', pg_temp.rate('update', 3000), '|' \g (format=unaligned fieldsep=' ')
ROLLBACK;
VACUUM products;
VACUUM product_search;
