// What an answer says to people when the failure brings no sentence of its own: one per failure, in both languages. Pure, total: a new errc
// does not compile without its sentence.
#pragma once

#include "base/errc.hpp"
#include "base/sentence.hpp"

namespace kieng::http {

[[nodiscard]] phrase usual_detail(errc code) noexcept;

}  // namespace kieng::http
