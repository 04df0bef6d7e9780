/* What tuning is worth: pure functions of the law. */
#include "ai/ai_internal.h"

#include <string.h>

static const char *const method_names[JW_TUNE_METHOD_COUNT] = {"full", "lora"};

const char *jw_tune_method_name(jw_tune_method method)
{
    return method_names[method];
}

bool jw_tune_method_from_name(const char *name, jw_tune_method *out)
{
    for (uint32_t i = 0; i < JW_TUNE_METHOD_COUNT; i++)
        if (strcmp(name, method_names[i]) == 0) {
            *out = (jw_tune_method)i;
            return true;
        }
    return false;
}

double jw_tune_operations(jw_tune_method method, double parameters, double tokens)
{
    return (method == JW_TUNE_LORA ? 4 : 6) * parameters * tokens;
}

double jw_tune_memory_gb(jw_tune_method method, double parameters)
{
    return (method == JW_TUNE_LORA ? 2 : 16) * parameters / 1e9;
}

bool tune_is_law_fine(const jw_tune_law *law)
{
    const double scales[] = {law->size_scale, law->data_scale, law->transfer_scale, law->half_life_days,
                             law->repeat_worth};
    const double exponents[] = {law->size_exponent, law->data_exponent, law->transfer_data_exponent,
                                law->transfer_size_exponent, law->error_exponent};
    for (uint32_t i = 0; i < JW_COUNT_OF(scales); i++)
        if (!(scales[i] > 0 && scales[i] <= 1e12))
            return false;
    for (uint32_t i = 0; i < JW_COUNT_OF(exponents); i++)
        if (!(exponents[i] > 0 && exponents[i] <= 10))
            return false;
    return law->floor >= 0 && law->floor <= 100;
}

static double excess(const jw_tune_law *law, double parameters, double tokens)
{
    return law->size_scale / jw_pow(parameters, law->size_exponent) +
           law->data_scale / jw_pow(tokens, law->data_exponent);
}

double jw_tune_loss(const jw_tune_law *law, double parameters, double tokens)
{
    return law->floor + excess(law, parameters, tokens);
}

double jw_tune_transferred_tokens(const jw_tune_law *law, double parameters, double tokens)
{
    if (!(tokens > 0))
        return 0;
    return law->transfer_scale * jw_pow(tokens * JW_BYTES_PER_TOKEN, law->transfer_data_exponent) *
           jw_pow(parameters, law->transfer_size_exponent) / JW_BYTES_PER_TOKEN;
}

double jw_tune_worth_tokens(const jw_tune_law *law, const jw_corpus *corpus, double epochs)
{
    double fresh = jw_pow(0.5, jw_max(corpus->age_days, 0) / law->half_life_days);
    double again = jw_max(epochs - 1, 0);
    double passes = jw_min(epochs, 1) + law->repeat_worth * (1 - jw_exp(-again / law->repeat_worth));
    return corpus->tokens * corpus->coverage * corpus->quality * fresh * passes;
}

double jw_tune_quality(const jw_tune_law *law, const jw_tune_base *base, double parameters, double tokens)
{
    if (!(tokens > 0) && parameters == base->parameters)
        return base->quality;
    double all = base->tokens + jw_max(tokens, 0) + jw_tune_transferred_tokens(law, parameters, tokens);
    double share = excess(law, parameters, all) / excess(law, base->parameters, base->tokens);
    return jw_max(0, 1 - (1 - base->quality) * jw_pow(share, law->error_exponent));
}
