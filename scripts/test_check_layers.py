#!/usr/bin/env python3
"""Tests of check_layers.py: each rule is seen to fail, and the right form to pass."""
import pathlib
import tempfile
import unittest

from check_layers import Checker


class LayerRules(unittest.TestCase):
    def faults_of(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            checker = Checker(root)
            checker.run()
            return checker.faults

    def assert_refused(self, files, where, words):
        faults = self.faults_of(files)
        self.assertEqual(len(faults), 1, faults)
        self.assertTrue(faults[0].startswith(where), faults)
        self.assertIn(words, faults[0])

    def assert_fine(self, files):
        self.assertEqual(self.faults_of(files), [])

    def test_the_roof_may_include_all_below(self):
        self.assert_fine({
            "base/a.hpp": "", "cluster/core/b.hpp": "", "cluster/wire/c.hpp": "",
            "cluster/runtime/d.hpp": "", "node/platform/http/e.hpp": "", "node/orders/f.hpp": "",
            "node/main.cpp": '#include "base/a.hpp"\n#include "cluster/core/b.hpp"\n'
                             '#include "cluster/wire/c.hpp"\n#include "cluster/runtime/d.hpp"\n'
                             '#include "node/platform/http/e.hpp"\n#include "node/orders/f.hpp"\n'})

    def test_base_knows_nothing_else(self):
        self.assert_refused({"base/a.hpp": '// x\n#include "cluster/core/b.hpp"\n', "cluster/core/b.hpp": ""},
                            "base/a.hpp:2:", "base must not include cluster/core")

    def test_the_cluster_never_includes_the_node(self):
        for folder in ("core", "wire", "runtime", "client"):
            self.assert_refused({f"cluster/{folder}/a.cpp": '#include "node/platform/http/b.hpp"\n',
                                 "node/platform/http/b.hpp": ""}, f"cluster/{folder}/a.cpp:1:", "must not include")

    def test_runtime_and_client_do_not_know_each_other(self):
        self.assert_refused({"cluster/client/a.cpp": '#include "cluster/runtime/b.hpp"\n',
                             "cluster/runtime/b.hpp": ""}, "cluster/client/a.cpp:1:", "must not include")

    def test_the_platform_has_no_business_word(self):
        self.assert_refused({"node/platform/http/a.cpp": '#include "node/orders/order.hpp"\n',
                             "node/orders/order.hpp": ""}, "node/platform/http/a.cpp:1:", "must not include")

    def test_the_platform_does_not_include_the_cluster_s_sockets(self):
        self.assert_refused({"node/platform/http/a.cpp": '#include "cluster/runtime/b.hpp"\n',
                             "cluster/runtime/b.hpp": ""}, "node/platform/http/a.cpp:1:", "must not include")

    def test_nobody_includes_the_roof(self):
        self.assert_refused({"node/orders/a.cpp": '#include "node/settings.hpp"\n', "node/settings.hpp": ""},
                            "node/orders/a.cpp:1:", "must not include node/app")

    def test_a_capability_calls_the_service_of_another_and_uses_its_values(self):
        self.assert_fine({"node/orders/order_service.cpp": '#include "node/catalog/product_service.hpp"\n'
                                                           '#include "node/catalog/product.hpp"\n',
                          "node/catalog/product_service.hpp": "", "node/catalog/product.hpp": ""})

    def test_a_capability_leaves_the_inner_parts_of_another_alone(self):
        for part in ("store", "routes", "json", "json_read"):
            self.assert_refused({"node/orders/order_service.cpp": f'#include "node/catalog/product_{part}.hpp"\n',
                                 f"node/catalog/product_{part}.hpp": ""},
                                "node/orders/order_service.cpp:1:", "inner part of catalog")

    def test_a_capability_uses_its_own_inner_parts(self):
        self.assert_fine({"node/orders/order_service.cpp": '#include "order_store.hpp"\n',
                          "node/orders/order_store.hpp": ""})

    def test_a_name_beside_the_file_is_found_before_the_root(self):
        self.assert_refused({"node/platform/store/pool.cpp": '#include "../../orders/order.hpp"\n',
                             "node/orders/order.hpp": ""}, "node/platform/store/pool.cpp:1:", "must not include")

    def test_angle_brackets_do_not_hide_a_file_of_the_project(self):
        self.assert_refused({"base/a.hpp": "#include <node/orders/order.hpp>\n", "node/orders/order.hpp": ""},
                            "base/a.hpp:1:", "must not include")

    def test_pqxx_stands_in_stores_alone(self):
        self.assert_fine({"node/platform/store/pool.cpp": "#include <pqxx/pqxx>\n",
                          "node/orders/order_store.cpp": "#include <pqxx/pqxx>\n",
                          "node/orders/order_store_test.cpp": "#include <pqxx/pqxx>\n"})
        self.assert_refused({"node/orders/order_service.cpp": "#include <pqxx/pqxx>\n"},
                            "node/orders/order_service.cpp:1:", "pqxx")

    def test_the_transaction_that_brings_pqxx_counts_as_pqxx(self):
        self.assert_refused({"node/orders/order_routes.cpp": '#include "node/platform/store/tx.hpp"\n',
                             "node/platform/store/tx.hpp": ""}, "node/orders/order_routes.cpp:1:", "pqxx")

    def test_beast_stands_at_the_sockets_alone(self):
        self.assert_fine({"node/platform/http/session.cpp": "#include <boost/beast/core.hpp>\n",
                          "cluster/runtime/peer.cpp": "#include <boost/beast/http.hpp>\n"})
        self.assert_refused({"node/platform/cache/cache.cpp": "#include <boost/beast/http.hpp>\n"},
                            "node/platform/cache/cache.cpp:1:", "Beast")

    def test_nlohmann_stands_at_the_wire_alone(self):
        self.assert_fine({"node/orders/order_json.cpp": "#include <nlohmann/json.hpp>\n",
                          "node/orders/order_json_read.cpp": "#include <nlohmann/json.hpp>\n",
                          "node/orders/order_test.cpp": "#include <nlohmann/json.hpp>\n",
                          "cluster/wire/messages.cpp": "#include <nlohmann/json.hpp>\n",
                          "base/json_reader.cpp": "#include <nlohmann/json.hpp>\n"})
        self.assert_refused({"node/orders/order.hpp": "#include <nlohmann/json.hpp>\n"},
                            "node/orders/order.hpp:1:", "nlohmann")

    def test_the_clock_is_read_in_one_place(self):
        self.assert_fine({"base/clock.cpp": "auto t = std::chrono::system_clock::now();\n",
                          "base/a.cpp": "auto t = clock.now(); // not system_clock::now()\n"
                                        "/* steady_clock::now() */ auto s = \"x::now()\";\n"})
        self.assert_refused({"base/a.cpp": "\n\nauto t = std::chrono::steady_clock::now();\n"}, "base/a.cpp:3:", "now()")

    def test_a_test_does_not_sleep(self):
        self.assert_fine({"base/a.cpp": "std::this_thread::sleep_for(d);\n"})
        self.assert_refused({"base/a_test.cpp": "std::this_thread::sleep_for(d);\n"}, "base/a_test.cpp:1:", "sleep")

    def test_a_missing_file_of_the_project_is_named(self):
        self.assert_refused({"base/a.cpp": '#include "base/gone.hpp"\n'}, "base/a.cpp:1:", "not a file of the project")

    def test_a_comment_includes_nothing(self):
        self.assert_fine({"base/a.cpp": '// #include "node/main.hpp"\n/*\n#include "node/main.hpp"\n*/\n'})

    def test_a_file_outside_of_all_layers_is_a_fault(self):
        self.assert_refused({"extras/a.cpp": ""}, "extras/a.cpp:1:", "no layer")

    def test_what_stands_around_uses_all_and_is_used_by_nobody(self):
        self.assert_fine({"fuzz/a.cpp": '#include "node/orders/order_json.hpp"\n#include <pqxx/pqxx>\n',
                          "node/orders/order_json.hpp": ""})
        self.assert_refused({"base/a.cpp": '#include "bench/b.hpp"\n', "bench/b.hpp": ""}, "base/a.cpp:1:", "around")


if __name__ == "__main__":
    unittest.main()
