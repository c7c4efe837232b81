#!/usr/bin/env python3
"""Makes data/demo/products.csv out of the product list of the Online Retail data set.

    scripts/make-demo-catalogue.py SOURCE.csv > data/demo/products.csv

SOURCE.csv has the columns StockCode, Description, UnitPricePence, UnitsSold (one row per stock code that
ever had a price). Every row becomes one product of the import's columns. Category and tags are told
from words of the description; what is no merchandise (postage, fees, corrections, vouchers, a price of
zero) becomes a draft. Counts go to stderr. The categories named here are those of
data/demo/categories.csv.
"""
import csv
import re
import sys

COLUMNS = ["sku", "name", "description", "price", "currency", "compareAtPrice", "category",
           "subcategory", "tags", "brand", "barcode", "imageUrl", "status", "slug"]

# Codes that stand for money or paper work, not for something on a shelf.
NOT_MERCHANDISE = {"AMAZONFEE", "B", "BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "POST", "S",
                   "PADS", "23444", "23574", "23702", "22016"}

# First match wins; a word in capitals is looked for at the start of a word of the description.
RULES = [
    ("home", "cushions-and-textiles", "HOT WATER BOTTLE|HOTTIE|HAND WARMER"),
    ("home", "bathroom", "BATHROOM|FLANNEL|SHOWER CAP|BATH SALTS|SOAP"),
    ("home", "hooks-knobs-and-signs", "COAT RACK|DRAWER KNOB|METAL SIGN|DOOR HANGER|DOORSTOP"),
    ("stationery", "pens-and-notebooks", "PENS?\\b|NOTEBOOK"),
    ("christmas", "christmas-decorations", "BAUBLE|GARLAND.*(XMAS|CHRISTMAS)|(XMAS|CHRISTMAS).*(GARLAND|DECORATION|TREE|STAR|HANGING|WREATH)|REINDEER|SNOWFLAKE|ADVENT"),
    ("christmas", "christmas-cards-and-wrap", "(XMAS|CHRISTMAS).*(CARD|WRAP|BAG|BOX|TISSUE|RIBBON|TAG|CRACKER|STICKER|STOCKING)"),
    ("christmas", "christmas-at-home", "XMAS|CHRISTMAS|SANTA|SNOWM[AE]N|ROBIN|NATIVITY|MISTLETOE|PARTRIDGE"),
    ("easter", None, "EASTER|BUNNY EGG|CHICK\\b|CHICKS\\b"),
    ("jewellery", "necklaces", "NECKL|PENDANT|CHOKER|LARIAT"),
    ("jewellery", "bracelets", "BRACELET|BANGLE"),
    ("jewellery", "earrings", "EARRING|EARR\\b"),
    ("jewellery", "hair-and-rings", "HAIR|RING\\b|BROOCH|CUFFLINK|DIAMANTE|TIARA|HAIRBAND|BEADED.*PIN|CHARM\\b|CHARMS\\b"),
    ("bags", "shopping-and-jumbo-bags", "JUMBO|SHOPPER|TOTE|SHOPPING BAG|RECYCL.*BAG|CHARLOTTE BAG"),
    ("bags", "lunch-bags", "LUNCH B(AG|OX)|LUNCHBOX|SNACK"),
    ("bags", "purses-and-handbags", "PURSE|HAND ?BAG|POCKET BAG|EVENING BAG|CLUTCH|WALLET|SHOULDER BAG|SHOULDER|MESSENGER"),
    ("bags", "travel-and-luggage", "LUGGAGE|PASSPORT|TRAVEL|AIRLINE BAG|CABIN BAG|SUITCASE|WEEKEND BAG|BACKPACK|RUCKSACK|WASHBAG|WASH BAG|COSMETIC|MAKE.?UP|VANITY"),
    ("candles", "candle-holders", "CANDLEHOLDER|CANDLE ?STICK|T-?LIGHT|TEALIGHT|VOTIVE|CANDLE.*(HOLDER|PLATE|POT|RING)|HOLDER.*CANDLE|LANTERN|CANDELABRA|HURRICANE"),
    ("candles", "candles-and-scents", "CANDLE|INCENSE|SCENT|OIL BURNER|POT ?POURRI|FRAGRANCE|DIFFUSER|WARMER.*OIL"),
    ("kitchen", "baking", "CAKE|BAKING|CUPCAKE|BISCUIT|COOKIE|MUFFIN|PASTRY|ROLLING PIN|JELLY|MOULD|WHISK|MEASURING|SCALE"),
    ("kitchen", "tea-and-coffee", "MUG|TEACUP|CUP\\b|CUPS\\b|SAUCER|TEAPOT|TEA ?POT|COFFEE|TEA COSY|TEA TOWEL|TEA FOR|TEA SET|ESPRESSO|BEAKER|TEATIME|TEA TIME|REGENCY TEA"),
    ("kitchen", "tableware", "BOWL|PLATE\\b|PLATES\\b|CUTLERY|GLASS(ES)?\\b.*(SET|WINE|DRINK|TUMBLER)|TUMBLER|JUG|NAPKIN|PLACEMAT|PLACE MAT|COASTER|DOIL|TABLE ?CLOTH|DISH|SPOON|FORK|KNI(FE|VES)|CHOPSTICK|TABLE RUN|EGG CUP|CRUET|SALT|TRAY|STRAW|GOBLET|DECANTER|CARAFE|CAKESTAND"),
    ("kitchen", "kitchen-storage", "TIN\\b|TINS\\b|JAR\\b|JARS\\b|BREAD BIN|JAM|PANTRY|CONTAINER|CANISTER|FRIDGE|BOTTLE|FLASK|STORAGE|BIN\\b|BASKET|CRATE|RACK"),
    ("kitchen", "kitchen-textiles-and-helpers", "APRON|OVEN|KITCHEN|PAN\\b|CHOPPING|FOOD|COOK|RECIPE|SIEVE|COLANDER|BIN BAG|PEG|WASHING UP|SPICE|MILK|SUGAR|BUTTER|FRYING|GLOVE|COSY|EGG\\b|EGGS\\b|LEMON|ICE CREAM|ICE CUBE|LOLLY"),
    ("garden", "gardening", "GARDEN|PLANT|HERB|WATERING|FLOWER POT|FLOWERPOT|SEED|TROWEL|SPADE|GNOME|GREENHOUSE|BUCKET|WHEELBARROW|RAIN ?GAUGE|BIRD ?(HOUSE|FEEDER|TABLE|BATH)|BIRDHOUSE|NESTING"),
    ("garden", "outdoors", "PARASOL|PICNIC|BEACH|RAIN HAT|BICYCLE|FLYING DISC|FLY SWAT|DECKCHAIR|DECK CHAIR|BBQ|BARBECUE|FOLDING (CHAIR|STOOL)|WINDMILL|WINDCHIME|WIND CHIME|UMBRELLA|CAMPING|THERMOMETER|KITE|FAN\\b"),
    ("stationery", "cards", "CARD\\b|CARDS\\b|POSTCARD|ENVELOPE"),
    ("stationery", "wrap-and-ribbons", "WRAP|RIBBON|GIFT BAG|GIFT BOX|TISSUE PAPER|TAPE|GIFT TAG|BOW\\b|SELLOTAPE|CREPE|PAPER CHAIN|GIFT ?BAGS"),
    ("stationery", "pens-and-notebooks", "NOTEBOOK|NOTE BOOK|PENCIL|PEN\\b|PENS\\b|SKETCHBOOK|SKETCH|RULER|ERASER|RUBBER|STAPLER|STATIONERY|STATIONARY|MEMO|DIARY|POCKET BOOK|EXERCISE BOOK|SCISSOR|HOLE PUNCH|P'WEIGHT|JOURNAL|ORGANI[SZ]ER|CALENDAR|ADDRESS BOOK|CHALK|CRAYON|HIGHLIGHTER|JOTTER|DOCUMENT|PAPERWEIGHT|PAPER CLIP|LETTER HOLDER|LETTER RACK|BLACKBOARD|PHOTO ALBUM|ALBUM|SCRAPBOOK|BOOKCOVER|BOOKMARK|STAMP"),
    ("stationery", "stickers-and-craft", "STICKER|CRAFT|SEWING|KNIT|BUTTON|ORIGAMI|DECOUPAGE|FELT|CROSS STITCH|NEEDLE|THREAD|COTTON|FABRIC|STENCIL|STICKY|COLOURING|PAINT|GLITTER|TRANSFERS|TATTOO|IRON ON|EMBROIDERY|STITCH"),
    ("toys", "games-and-puzzles", "JIGSAW|GAME|PUZZLE|DOMINO|BINGO|SNAKES|LUDO|PLAYING|SKITTLES|SPINNING TOP|YO-?YO|QUOITS|CRICKET|SOLITAIRE|DICE|BUILDING BLOCK|MAGIC|BALL\\b|HOPSCOTCH|SKIPPING|MARBLES|NOUGHTS"),
    ("toys", "soft-toys-and-dolls", "TEDDY|DOLL\\b|DOLLY|RAG ?DOLL|SOFT TOY|PUPPET|PLUSH|BEAR\\b|DINOSAUR|TOY|MONKEY|BABUSHKA|FAIRY DOLL|TADPOLE|HORSE|DUCK|SOLDIER|ROBOT|ROCKET|AEROPLANE|CAR\\b|TRACTOR|TRAIN\\b|SPACE|NINJA|MONSTER|HELICOPTER|GLIDER|PLAYHOUSE|CREEPY"),
    ("toys", "children-at-home", "CHILD|KIDS|BABY|GIRL|BOY|NURSERY|PAPER DOLL|CIRCUS|SPACEBOY|CHARLIE|LOLA|BIB|BATH (BOOK|TOY)|TOADSTOOL|PIRATE|PRINCESS|FAIRY|ANIMAL|MONEY ?B(OX|ANK)|PIGGY|BANK"),
    ("party", None, "PARTY|BUNTING|BALLOON|BIRTHDAY|STREAMER|PI.ATA|CONFETTI|SPARKLER|WEDDING|HEN NIGHT|INFLATABLE|FLAG|HONEYCOMB|PAPER (LANTERN|BUNTING)|CRACKER|DISCO|FEATHER BOA|HAWAIIAN|LEIS|MASK"),
    ("home", "clocks", "CLOCK"),
    ("home", "frames-and-mirrors", "FRAME|MIRROR|PHOTO|PICTURE|CANVAS|POSTER|PRINT\\b|WALL ART|PAINTING|IMAGES"),
    ("home", "cushions-and-textiles", "CUSHION|THROW|BLANKET|QUILT|HOT WATER|HOTTIE|WHEAT ?BAG|RUG\\b|CURTAIN|PILLOW|BEDSPREAD|HAND ?WARMER|TOWEL|SLIPPER|SOCKS|SCARF|PONCHO|PYJAMA|FLANNEL|FILLER PAD|SLEEPING|EYE ?MASK|COVER\\b|MAT\\b|DOORMAT|SARONG"),
    ("home", "lighting", "LIGHT|LAMP|CHANDELIER|FAIRY LIGHT|LED\\b|TORCH|SHADE"),
    ("home", "bathroom", "BATH|SOAP|TOILET|SHOWER|SPONGE|TOOTHBRUSH|TISSUES|NAIL|TOWEL|TALC|LIP ?(GLOSS|BALM)|BALM|HAND CREAM|PERFUME|MANICURE|TRINKET"),
    ("home", "hooks-knobs-and-signs", "HOOK|HANGER|KNOB|SIGN\\b|SIGNS\\b|DOORSTOP|DOOR ?STOP|DOOR|PLAQUE|LETTER|NUMBER|TILE|KEY|MAGNET|COAT|NO\\b|HINGE|DRAWER PULL|BELL"),
    ("home", "furniture-and-storage", "DRAWER|CABINET|SHELF|SHELVES|CHEST|TABLE|STOOL|CHAIR|CUPBOARD|STAND\\b|BOX\\b|BOXES|HOLDER|TIDY|HAMMOCK|POUFFE|WARDROBE|SIDEBOARD|TRUNK|TUB\\b|DESK|BENCH|POT\\b|PLANTER|CABINETS|MAGAZINE"),
    ("home", "decorations", ".*(DECORATION|HANGING|HEART|WREATH|GARLAND|FLOWER|ROSE|BIRD|BUTTERFLY|ORNAMENT|STAR|ANGEL|VASE|CAGE|MOBILE|WICKER|WREATH|DRAGONFLY|ZINC|GLASS|WOOD|METAL|CERAMIC|PORCELAIN|CRYSTAL|DEC\\b|WALL|TREE|LEAF|LEAVES|WINDOW|SILVER|ENAMEL|RESIN|FEATHER|LACE|GIFT|PAPER|SET)"),
]
RULES = [(category, sub, re.compile(r"\b(?:" + words + ")")) for category, sub, words in RULES]

# Words of a description that become tags.
TAGS = {
    "RED": "red", "PINK": "pink", "BLUE": "blue", "GREEN": "green", "WHITE": "white",
    "BLACK": "black", "IVORY": "ivory", "CREAM": "cream", "SILVER": "silver", "GOLD": "gold",
    "PURPLE": "purple", "YELLOW": "yellow", "ORANGE": "orange", "BROWN": "brown",
    "TURQUOISE": "turquoise", "VINTAGE": "vintage", "RETROSPOT": "retrospot",
    "POLKADOT": "polkadot", "RETRO": "retro", "ANTIQUE": "vintage", "HEART": "hearts",
    "HEARTS": "hearts", "FLOWER": "floral", "FLOWERS": "floral", "FLORAL": "floral",
    "ROSE": "floral", "DAISY": "floral", "STAR": "stars", "STARS": "stars", "BIRD": "birds",
    "BIRDS": "birds", "BUTTERFLY": "butterflies", "CAT": "cats", "DOG": "dogs",
    "WOODEN": "wood", "WOOD": "wood", "GLASS": "glass", "METAL": "metal", "ZINC": "zinc",
    "CERAMIC": "ceramic", "FELT": "felt", "ENAMEL": "enamel", "WICKER": "wicker",
    "CHILDRENS": "children", "CHILDS": "children", "KIDS": "children", "CHRISTMAS": "christmas",
    "EASTER": "easter", "BIRTHDAY": "birthday", "WEDDING": "wedding", "PICNIC": "picnic",
    "GARDEN": "garden", "TRAVEL": "travel", "PARTY": "party", "SET": "set", "PACK": "set",
    "UNION": "union-jack", "LONDON": "london", "FRENCH": "french", "SCANDINAVIAN": "scandinavian",
}

SMALL_WORDS = {"a", "an", "and", "as", "at", "by", "de", "for", "from", "in", "of", "on", "or",
               "the", "to", "with"}
KEEP_UPPER = {"UK", "USB", "TV", "LED", "DIY", "XL", "S/6", "CD", "DVD", "BBQ", "ABC", "UV", "CRUK", "II"}
UNITS = re.compile(r"^\d+(?:[.,]\d+)?(?:cm|mm|ml|g|kg|m|l|pc|pcs)?(?:x\d+(?:cm|mm)?)*$", re.I)


def word_case(word, first):
    bare = word.strip("*,.()'\"!")
    if bare.upper() in KEEP_UPPER:
        return word.upper()
    if UNITS.match(bare) or re.match(r"^\d", bare):
        return word.lower()
    if bare.lower() in SMALL_WORDS and not first:
        return word.lower()
    # Capital after a hyphen, a slash, a bracket or an ampersand, never after an apostrophe.
    return re.sub(r"(^|[-/&(+,.])([a-z])", lambda m: m.group(1) + m.group(2).upper(), word.lower())


def tidy_name(description):
    text = description.replace("Â£", "£").replace("\u00c2\u00a3", "£")
    text = re.sub(r"\s+", " ", text).strip(" *,.")
    text = re.sub(r"\s+([,.])", r"\1", text)
    words = text.split(" ")
    return " ".join(word_case(word, index == 0) for index, word in enumerate(words))


def place(description):
    for category, sub, words in RULES:
        if words.search(description):
            return category, sub or ""
    return "other", ""


def tags_of(description):
    found = []
    for word in re.findall(r"[A-Z]+", description):
        tag = TAGS.get(word)
        if tag and tag not in found:
            found.append(tag)
    return sorted(found)


def product(row):
    sku = row["StockCode"].strip()
    upper = re.sub(r"\s+", " ", row["Description"].upper()).strip()
    price = int(row["UnitPricePence"])
    draft = sku.upper() in NOT_MERCHANDISE or sku.startswith("gift_") or price <= 0
    category, sub = ("services", "") if draft else place(upper)
    return {
        "sku": sku, "name": tidy_name(row["Description"]), "description": "", "price": price,
        "currency": "GBP", "compareAtPrice": "", "category": category, "subcategory": sub,
        "tags": "|".join(tags_of(upper)), "brand": "", "barcode": "", "imageUrl": "",
        "status": "draft" if draft else "active", "slug": "",
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8", newline="") as source:
        products = [product(row) for row in csv.DictReader(source)]
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(products)
    drafts = sum(item["status"] == "draft" for item in products)
    other = sum(item["category"] == "other" for item in products)
    print(f"{len(products)} products, {drafts} of them drafts, {other} without a category of their own",
          file=sys.stderr)


if __name__ == "__main__":
    main()
