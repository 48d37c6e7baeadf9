// Logs that are tables: CSV (or TSV) with a line of names, and JSON objects, one a line, with the same names.
#pragma once
#include <optional>

#include "replay/observation.h"

namespace andrea {

// Which columns hold what. An empty name is found by itself, among the usual ones, or not at all.
struct Columns {
  std::string step, loss, text;
};

// --columns step=global_step,loss=train/loss,text=sample. Error (usage) with what is wrong and what would be
// right.
Columns parse_columns(const std::string& argument);

// The name among `names` for each column that `wanted` leaves empty: step, global_step, iter, iteration,
// update, ...; loss, train_loss, train/loss, training_loss, ...; text, sample, content, generated, output...
// Error when a wanted name is not there, or when there is no step or neither loss nor text.
Columns resolve_columns(const Columns& wanted, const std::vector<std::string>& names);

// The fields of one row (records.h) into `fields`, whose memory is used again, RFC 4180: quotes, doubled
// quotes, line breaks inside quotes. False when a quote is left open.
bool split_csv(std::string_view row, char separator, std::vector<std::string>& fields);

// , ; or tab: what splits this line of names into the most fields.
char guess_separator(std::string_view header);

// Reads the lines below the header. `header` gives the places of the columns.
RecordReader csv_reader(std::string_view header, const Columns& wanted);

}  // namespace andrea
