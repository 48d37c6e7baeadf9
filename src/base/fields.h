// Structs to JSON and back from one list of their fields. A struct names them once,
//
//   template <class V> void visit(V& v, Point& p) { v("x", p.x); v("y", p.y); }
//
// and to_json, from_json come from that list, so that no field can be written and forgotten in reading.
// Known: bool, integers, double, std::string, std::optional (null), std::vector, std::map with string keys,
// and structs with a visit().
#pragma once
#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace andrea {

class FieldWriter;
class FieldReader;

template <class T>
concept Record = requires(FieldWriter& w, T& value) {
  visit(w, value);
};

template <class T>
Json to_json(const T& value);

namespace fields {

inline Json encode(bool value) { return value; }
inline Json encode(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
inline Json encode(const std::string& value) { return value; }
template <std::integral T>
Json encode(T value) {
  return value;
}
template <class T>
Json encode(const std::optional<T>& value);
template <class T>
Json encode(const std::vector<T>& values);
template <class T>
Json encode(const std::map<std::string, T>& values);
template <Record T>
Json encode(const T& value) {
  return to_json(value);
}

template <class T>
Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json(nullptr);
}
template <class T>
Json encode(const std::vector<T>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(encode(static_cast<const T&>(value)));
  return list;
}
template <class T>
Json encode(const std::map<std::string, T>& values) {
  Json object = Json::object();
  for (const auto& [key, value] : values) object[key] = encode(value);
  return object;
}

[[noreturn]] inline void wrong(const std::string& where, const char* expected) {
  throw Error(fmt::format("{}: expected {}", where, expected));
}

inline void decode(const Json& json, bool& value, const std::string& where) {
  if (!json.is_boolean()) wrong(where, "true or false");
  value = json.get<bool>();
}
inline void decode(const Json& json, double& value, const std::string& where) {
  if (json.is_null()) {  // how a non-finite number was written
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (json.is_number()) {
    value = json.get<double>();
  } else {
    wrong(where, "a number or null");
  }
}
inline void decode(const Json& json, std::string& value, const std::string& where) {
  if (!json.is_string()) wrong(where, "a string");
  value = json.get<std::string>();
}
template <std::integral T>
void decode(const Json& json, T& value, const std::string& where) {
  const bool fits = json.is_number_unsigned()
                        ? std::in_range<T>(json.get<uint64_t>())
                        : json.is_number_integer() && std::in_range<T>(json.get<int64_t>());
  if (!fits) wrong(where, "a whole number in range");
  value = json.get<T>();
}
template <class T>
void decode(const Json& json, std::optional<T>& value, const std::string& where);
template <class T>
void decode(const Json& json, std::vector<T>& values, const std::string& where);
template <class T>
void decode(const Json& json, std::map<std::string, T>& values, const std::string& where);
template <Record T>
void decode(const Json& json, T& value, const std::string& where);

}  // namespace fields

class FieldWriter {
 public:
  explicit FieldWriter(Json& out) : out_(out) {}
  template <class T>
  void operator()(const char* name, const T& value) {
    out_[name] = fields::encode(value);
  }
  template <class T>
  void later(const char* name, const T& value) {
    (*this)(name, value);
  }

 private:
  Json& out_;
};

// A missing field or one of a wrong type is an Error that names `where` and the field; unknown fields are
// ignored. A field declared with v.later(name, value) may be missing: files of earlier versions have none,
// and the value stays as it is.
class FieldReader {
 public:
  FieldReader(const Json& in, std::string where) : in_(in), where_(std::move(where)) {
    if (!in_.is_object()) fields::wrong(where_, "an object");
  }
  template <class T>
  void operator()(const char* name, T& value) {
    const auto found = in_.find(name);
    if (found == in_.end()) throw Error(fmt::format("{}: the field '{}' is missing", where_, name));
    fields::decode(*found, value, fmt::format("{}: field '{}'", where_, name));
  }
  template <class T>
  void later(const char* name, T& value) {
    if (in_.contains(name)) (*this)(name, value);
  }

 private:
  const Json& in_;
  std::string where_;
};

template <class T>
Json to_json(const T& value) {
  Json object = Json::object();
  FieldWriter writer(object);
  visit(writer, const_cast<T&>(value));  // the writer reads only
  return object;
}

template <class T>
T from_json(const Json& json, const std::string& where) {
  T value{};
  fields::decode(json, value, where);
  return value;
}

namespace fields {

template <class T>
void decode(const Json& json, std::optional<T>& value, const std::string& where) {
  value.reset();
  if (!json.is_null()) decode(json, value.emplace(), where);
}
template <class T>
void decode(const Json& json, std::vector<T>& values, const std::string& where) {
  if (!json.is_array()) wrong(where, "a list");
  values.clear();
  for (const Json& item : json) {
    const std::string place = fmt::format("{}[{}]", where, values.size());
    decode(item, values.emplace_back(), place);
  }
}
template <class T>
void decode(const Json& json, std::map<std::string, T>& values, const std::string& where) {
  if (!json.is_object()) wrong(where, "an object");
  values.clear();
  for (const auto& [key, item] : json.items()) decode(item, values[key], where + "." + key);
}
template <Record T>
void decode(const Json& json, T& value, const std::string& where) {
  FieldReader reader(json, where);
  visit(reader, value);
}

}  // namespace fields
}  // namespace andrea
