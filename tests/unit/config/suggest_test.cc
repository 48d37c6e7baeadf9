#include "config/suggest.h"

#include <doctest/doctest.h>

using namespace andrea;

TEST_CASE("suggest: distances counted by hand") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("modle", "model") == 1);  // neighbours swapped
  CHECK(edit_distance("ca", "abc") == 3);       // optimal string alignment, not full Damerau (2)
}

TEST_CASE("suggest: a slip finds its option, in its own group first") {
  CHECK(suggest_option("model", "d_modle") == "did you mean model.d_model?");
  CHECK(suggest_option("model", "n_layers") == "did you mean model.n_layer?");
  CHECK(suggest_option("model", "learning_rate") == "did you mean optimizer.learning_rate?");
  CHECK(suggest_option("sampling", "token") == "did you mean sampling.tokens?");  // eval has tokens too
  CHECK(suggest_option("eval", "token") == "did you mean eval.tokens?");
  CHECK(suggest_option("train", "batchsize") == "did you mean train.batch_size?");
  CHECK(suggest_option("", "modle") == "did you mean model?");
  CHECK(suggest_option("", "warmup_steps") == "did you mean schedule.warmup_steps?");
  CHECK(suggest_option("", "arm") == "did you mean arms?");
}

TEST_CASE("suggest: where nothing is near, what there is") {
  CHECK(suggest_option("loss", "qqqqqq") == "loss has ema_alpha");
  CHECK(suggest_option("", "qqqqqq") ==
        "the groups are run, train, model, tokenizer, text, optimizer, schedule, cadence, eval, sampling, "
        "gate, "
        "checkpoint, loss, curriculum, arms");
  CHECK(suggest_arm_key("flor") == "did you mean floor?");
  CHECK(suggest_arm_key("qqqqqq") == "an arm has folder, name, domain, path, floor, cap, documents");
}
