"""What free SQL may say: closed lists of functions and types. What is not listed is refused.

Reviewed against every function of DuckDB 2.0.0 (`duckdb_functions()`, 1,083 names without collations). Left out on
purpose:
what reads files, settings, environment, catalog, version or other queries (`read_*`, `glob`, `current_setting`,
`getvariable`, `pg_*`, `duckdb_*`, `pragma_*`, `in_search_path`, `version`, `current_database`, `current_query`),
what runs text (`query`, `query_table`, `json_execute_serialized_sql`, `json_serialize_plan`), what leaves a
trace or holds up the worker (`write_log`, `setval`, `nextval`, `setseed`, `sleep_ms`, `pg_sleep`), what shows
the engine's inside (`stats`, `vector_type`, `hash` on rows, `create_sort_key`), what makes an error of its
argument's text (`error`), and what makes a long text out of a short one (`repeat`, `lpad`, `format`, `printf`).
"""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


OPERATORS = words(
    """
    + - * / // % ** ^ & | ~ << >> || @ !__postfix ~~ !~~ ~~* !~~* ~~~
    like_escape not_like_escape ilike_escape not_ilike_escape
    """
)

SCALARS = words(
    """
    abs acos add asin atan atan2 cbrt ceil ceiling cos cot degrees divide even exp factorial fdiv floor fmod gcd
    greatest isfinite isinf isnan lcm least ln log log10 log2 mod multiply pi pow power radians random round
    round_even sign sin sqrt subtract tan trunc xor bit_count

    ascii bar chr char_length character_length concat concat_ws contains damerau_levenshtein ends_with hamming
    instr jaccard jaro_similarity jaro_winkler_similarity lcase left left_grapheme len length length_grapheme
    levenshtein lower ltrim md5 overlay position prefix regexp_escape regexp_extract regexp_extract_all
    regexp_full_match regexp_matches regexp_replace regexp_split_to_array replace reverse right right_grapheme
    rtrim sha256 split split_part starts_with ^@ str_split str_split_regex string_split string_split_regex
    string_to_array strip_accents strlen strpos substr substring substring_grapheme suffix translate trim ucase
    unicode ord upper url_decode url_encode

    age ago century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub
    date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month
    decade epoch epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp hour isodow isoyear julian
    last_day make_date make_time make_timestamp make_timestamp_ms make_timestamptz microsecond millennium
    millisecond minute month monthname now quarter second strftime strptime time_bucket timezone timezone_hour
    timezone_minute to_centuries to_days to_decades to_hours to_microseconds to_milliseconds to_minutes
    to_months to_quarters to_seconds to_timestamp to_weeks to_years today transaction_timestamp try_strptime
    week weekday weekofyear year yearweek

    if nullif constant_or_null

    array_length array_position array_slice cardinality element_at flatten len list_aggregate list_any_value
    list_avg list_concat list_contains list_count list_distinct list_extract list_apply list_filter list_first list_has
    list_has_all list_has_any list_last list_max list_median list_min list_position list_reduce list_reverse
    list_reverse_sort list_slice list_sort list_sum list_transform list_unique list_value list_where list_zip
    array_extract array_to_string map map_contains map_entries map_extract map_extract_value map_from_entries
    map_keys map_values row struct_extract struct_pack struct_values
    """
)

AGGREGATES = words(
    """
    any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_min argmax argmin
    array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop
    covar_samp entropy favg first fsum geomean geometric_mean group_concat histogram kahan_sum kurtosis
    kurtosis_pop last list listagg mad max max_by mean median min min_by mode product quantile quantile_cont
    quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
    sem skewness stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance wavg
    weighted_avg
    """
)

WINDOWS = words(
    "cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense"
    " row_number"
)

LISTS_FROM_NOTHING = frozenset({"range", "generate_series"})
"""They make rows out of nothing, so they take literals only, and make at most `sandbox.MOST_MADE` rows."""

INTERVALS = words(
    "to_centuries to_days to_decades to_hours to_microseconds to_milliseconds to_minutes to_months to_quarters"
    " to_seconds to_weeks to_years"
)
TIMES = words("DATE TIMESTAMP TIMESTAMPTZ DATETIME INTERVAL") | {"TIMESTAMP WITH TIME ZONE"}

TABLE_FUNCTIONS = LISTS_FROM_NOTHING | {"unnest"}

FUNCTIONS = OPERATORS | SCALARS | AGGREGATES | {"unnest"}

TYPES = words(
    """
    BOOLEAN BOOL TINYINT SMALLINT INTEGER INT BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT
    REAL DOUBLE DECIMAL NUMERIC VARCHAR TEXT STRING CHAR BPCHAR DATE TIME TIMESTAMP DATETIME TIMESTAMPTZ
    TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS INTERVAL UUID LIST STRUCT ROW MAP ARRAY INT1 INT2 INT4 INT8 FLOAT4
    FLOAT8 LONG SHORT SIGNED
    """
) | {"TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE"}

WORDS_FOR_THE_ENGINE = words("user session_user current_user current_role current_catalog current_schema")
"""Names that read like columns and mean functions."""

SIZES_OF_A_NAME = 64
