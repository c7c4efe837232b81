-- Fills an empty, migrated database with :goods products (1,000,000 unless -v goods=N) in a few minutes, set by set.
--
-- Made to be unkind: the first half comes category by category, as imports bring them, so that newest-first walks find a
-- category's goods at one end; tags and brands follow Zipf's law, some in 5 % of all goods, some in a dozen; a few thousand goods share
-- each first word; 93 % are active. Indexes are dropped before and made again after: that is what makes it quick.
\set ON_ERROR_STOP on
\if :{?goods} \else \set goods 1000000 \endif
SET synchronous_commit = off;
SET maintenance_work_mem = '1GB';
SELECT setseed(0.42);

CREATE TEMP TABLE made_again AS
SELECT indexname, indexdef FROM pg_indexes i
 WHERE schemaname = 'public' AND tablename IN ('products', 'product_search')
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname);
SELECT format('DROP INDEX %I', indexname) FROM made_again \gexec
ALTER TABLE products DISABLE TRIGGER products_are_found;

-- 12 categories on top, 10 below each, some of them with 3 more below.
INSERT INTO categories (id, parent_id, slug, name, path)
SELECT md5('top' || i)::uuid, NULL, 'nganh-' || i, 'Ngành ' || i, 'nganh-' || i FROM generate_series(1, 12) i;
INSERT INTO categories (id, parent_id, slug, name, path)
SELECT md5('sub' || i || '-' || j)::uuid, md5('top' || i)::uuid, 'nhom-' || i || '-' || j, 'Nhóm ' || i || '.' || j, 'nganh-' || i || '/nhom-' || i || '-' || j
  FROM generate_series(1, 12) i, generate_series(1, 10) j;
INSERT INTO categories (id, parent_id, slug, name, path)
SELECT md5('leaf' || i || '-' || j)::uuid, md5('sub' || i || '-1')::uuid, 'loai-' || i || '-' || j, 'Loại ' || i || '.' || j,
       'nganh-' || i || '/nhom-' || i || '-1/loai-' || i || '-' || j
  FROM generate_series(1, 12) i, generate_series(1, 3) j;

CREATE TEMP TABLE words AS
SELECT ARRAY['Áo sơ mi','Quần jean','Váy hoa','Giày thể thao','Dép lê','Nón lá','Túi xách','Khăn lụa','Bánh đậu xanh','Cà phê rang','Trà sen','Nước mắm',
             'Gạo nếp','Mật ong','Đèn lồng','Ấm chén','Chảo gang','Dao bếp','Bàn gỗ','Ghế mây','Chăn bông','Gối tựa','Sổ tay','Bút máy','Tranh Đông Hồ',
             'Đồ chơi gỗ','Xe đạp','Bóng đèn','Quạt trần','Nồi đất'] AS kinds,
       ARRAY['trắng','đen','đỏ','xanh','vàng','tím','nâu','hồng','xám','cam','kem','bạc'] AS colours,
       ARRAY['cao cấp','giá rẻ','thủ công','nhập khẩu','truyền thống','hiện đại','mini','cỡ lớn','chống nước','siêu nhẹ','gấp gọn','đa năng','mùa hè','mùa đông',
             'trẻ em','người lớn','gia đình','văn phòng','du lịch','quà tặng'] AS traits,
       ARRAY['bền','đẹp','mềm','mịn','thoáng','mát','ấm','nhẹ','chắc','sạch','thơm','ngon','giòn','dẻo','trong','sáng','êm','gọn','tiện','lạ','bảo','hành','đổi','trả',
             'giao','nhanh','hàng','thật','chính','hãng','việt','nam','làng','nghề','cotton','lanh','lụa','gốm','tre','gang','inox','nhựa','da','len','thủy','tinh'] AS plain;

-- One row per product, its dice thrown once.
CREATE TEMP TABLE dice AS
SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e, random() AS f, random() AS g,
       CASE WHEN n <= :goods / 2 THEN 1 + (n - 1) * 12 / (:goods / 2) ELSE 1 + floor(random() * 12)::int END AS top
  FROM generate_series(1, :goods) n;

INSERT INTO products (id, status, price, compare_at_price, created_at, updated_at, published_at, category_id, subcategory_id, variant_count, primary_image,
                      currency, sku, slug, name, brand, tags, image_urls, image_alts, description, labels, codes)
SELECT id, status, price, CASE WHEN f < 0.3 THEN price + price / 5 + 1 END, at, at + g * 86400 * 30 * interval '1 second', at,
       md5('top' || top)::uuid,
       CASE WHEN b < 0.05 THEN NULL WHEN b < 0.10 THEN md5('leaf' || top || '-' || 1 + floor(c * 3)::int)::uuid ELSE md5('sub' || top || '-' || 1 + floor(c * 10)::int)::uuid END,
       1, 1, 'VND', sku, 'san-pham-' || n, name, brand, tags, ARRAY['https://anh.example/' || n || '.jpg'], ARRAY[name], description,
       coalesce(brand, '') || ' ' || array_to_string(tags, ' '), sku || ' ' || barcode
  FROM (
    SELECT d.*, (lpad(to_hex((1750000000000 + n::bigint * 40)), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id,
           timestamptz 'epoch' + (1750000000000 + n::bigint * 40) * interval '1 millisecond' AS at,
           (CASE WHEN a < 0.03 THEN 1 WHEN a > 0.96 OR n < :goods / 100 THEN 3 ELSE 2 END)::smallint AS status,
           (exp(random() * 6 + 8) / 1000)::bigint * 1000 AS price,
           'MA-' || lpad(n::text, 8, '0') AS sku, '89' || lpad(n::text, 11, '0') AS barcode,
           w.kinds[1 + floor(a * 30)::int] || ' ' || w.colours[1 + floor(b * 12)::int] || ' ' || w.traits[1 + floor(c * 20)::int] || ' ' || n AS name,
           CASE WHEN d.d < 0.9 THEN 'Hãng ' || floor(power(300, e))::int END AS brand,
           CASE WHEN f < 0.2 THEN '{}' ELSE ARRAY(SELECT DISTINCT 'nhãn ' || floor(power(2000, abs(sin(n * k + g * 1000))))::int FROM generate_series(1, 1 + floor(f * 4)::int) k) END AS tags,
           (SELECT string_agg(w.plain[1 + (hashtext(n::text || ':' || k) & 2147483647) % 46], ' ' ORDER BY k) FROM generate_series(1, 16) k) || ' mẫu số ' || n AS description
      FROM dice d, words w) x;

INSERT INTO variants (id, product_id, position, sku, barcode)
SELECT md5('v' || sku)::uuid, id, 0, sku, '89' || lpad(substr(sku, 4)::bigint::text, 11, '0') FROM products;
INSERT INTO product_labels (kind, fold, name, status, product_id)
SELECT 1, vn_fold(t), t, status, id FROM products, unnest(tags) t
UNION ALL SELECT 2, vn_fold(brand), brand, status, id FROM products WHERE brand IS NOT NULL;

-- What the trigger would have done, of all products at once.
INSERT INTO product_search (id, updated_at, price, status, name_fold, labels, rest, facets)
SELECT p.id, p.updated_at, p.price, p.status, p.name_fold, p.its, d.rest, p.facets
  FROM (SELECT *, ' ' || search_text(name || ' ' || labels || ' ' || codes) || ' ' AS its FROM products OFFSET 0) p
 CROSS JOIN LATERAL (SELECT coalesce(' ' || string_agg(DISTINCT w, ' ') || ' ', '') AS rest
                       FROM unnest(search_words(search_text(p.description))) w WHERE strpos(p.its, ' ' || w || ' ') = 0) d
 ORDER BY p.id;
ALTER TABLE products ENABLE TRIGGER products_are_found;

SELECT indexdef FROM made_again \gexec
VACUUM ANALYZE products;
VACUUM ANALYZE product_search;
VACUUM ANALYZE variants;
VACUUM ANALYZE product_labels;
ANALYZE;
