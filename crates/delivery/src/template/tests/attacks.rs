//! Templates that somebody wrote to keep a server busy, to fill its memory or to end it.

use rstest::rstest;

use super::*;

/// What stops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Fuel,
    Depth,
    Repeat,
    Operators,
    Engine,
    Size,
}

impl By {
    fn of(error: &TemplateError) -> Self {
        let message = error.to_string();
        for (by, words) in [
            (Self::Fuel, "it does too much"),
            (Self::Depth, "within each other"),
            (Self::Repeat, "cannot be repeated"),
            (Self::Operators, "more than 250 operators"),
            (Self::Operators, "more than 100 elif"),
            (Self::Size, "bytes; send fewer"),
        ] {
            if message.contains(words) {
                return by;
            }
        }
        Self::Engine
    }
}

const DOUBLED: &str = "{% set a = [a, a, a, a] %}";

#[rstest]
// Lists that are nothing in memory.
#[case("{{ 2 in ([1] * 100000000) }}", By::Repeat)]
#[case("{{ 2 in [1] * 100000000 }}", By::Repeat)]
#[case("{{ 2 not in (1,) * 100000000 }}", By::Repeat)]
#[case("{{ 2 in 100000000 * [1] }}", By::Repeat)]
#[case("{{ 2 in ([1] * 10000) * 10000 }}", By::Repeat)]
#[case("{{ 2 in ([1] + [1]) * 100000000 }}", By::Repeat)]
#[case("{{ 2 in ([] or [1]) * 100000000 }}", By::Repeat)]
#[case("{% set a = [1] %}{{ 2 in a * 100000000 }}", By::Repeat)]
#[case("{% set a = (1, 2) %}{{ 2 in a * 100000000 }}", By::Repeat)]
#[case("{{ (records * 100000000) | length }}", By::Repeat)]
#[case("{{ range(9) * 100000000 }}", By::Repeat)]
#[case("{{ [1] * 100000000 == [1] * 100000000 }}", By::Repeat)]
#[case("{{ ([1] * 100000000) < ([1] * 100000000) }}", By::Repeat)]
#[case("{{ 'a' ~ [1] * 100000000 }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000)[1:] | length }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000)[99999999] }}", By::Repeat)]
#[case("{% if ([record.pin] * 100000000) %}{% endif %}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | join(',') }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | sort }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | unique }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | batch(3) }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | sum }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | last }}", By::Repeat)]
#[case("{{ ([record.pin] * 100000000) | tojson }}", By::Repeat)]
// Lists within lists.
#[case("{% set a = [1] %}DOUBLED{{ a == 1 }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{% set b = a %}{{ 1 in b }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{{ a ~ '' }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{{ {a: 1} }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{{ a | sort }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{{ a | unique }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{{ a is eq a }}", By::Fuel)]
#[case(
    "{% set a = [1] %}DOUBLED{{ records | selectattr('pin', 'in', a) }}",
    By::Fuel
)]
#[case("{% set a = [1] %}DOUBLED{{ {}[a] }}", By::Fuel)]
#[case("{% set a = [1] %}DOUBLED{{ a < a < a }}", By::Fuel)]
#[case("{% set a = {'a': 1} %}MAPS{{ a }}", By::Fuel)]
#[case("{% set a = [1] %}SUMS{{ a | length }}", By::Fuel)]
#[case("{% set a = range(9999) | list %}SEARCHES", By::Fuel)]
#[case("{% set a = 'x' * 9999 %}TEXTS{{ a | length }}", By::Fuel)]
#[case("{% set a = range(5000) | list %}SLICES{{ a | length }}", By::Fuel)]
// Values deep enough to exhaust the stack.
#[case("{% set a = 1 %}NESTED{{ 1 }}", By::Depth)]
#[case("{% set a = 1 %}NESTED_MAPS{{ 1 }}", By::Depth)]
#[case("{% set a = 1 %}NESTED_TUPLES{{ 1 }}", By::Depth)]
#[case(
    "{% set ns = namespace(a=1) %}{% for i in range(9000) %}{% set ns.a = [ns.a] %}{% endfor %}",
    By::Engine
)]
#[case("{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}", By::Engine)]
#[case("{% set ns = namespace(a=[1]) %}", By::Engine)]
#[case(
    "{% for a in records recursive %}{{ loop(records) }}{% endfor %}",
    By::Engine
)]
// Large texts.
#[case("{{ 'x' * 100000000 }}", By::Fuel)]
#[case("{{ ('x' * 1000) * 100000 }}", By::Fuel)]
#[case("{{ 'x' in 'x' * 90000000 }}", By::Fuel)]
#[case("{{ '%0999999999d' | format(7) }}", By::Fuel)]
#[case("{{ '%.999999999f' | format(7.5) }}", By::Fuel)]
#[case("{{ 'a\nb' | indent(999999999) }}", By::Engine)]
#[case("{{ [1] | tojson(indent=999999999) }}", By::Engine)]
#[case("{{ 'aaa' | replace('', 'b' * 1000000) }}", By::Fuel)]
#[case("{{ ('a' * 300000) | trim('b' * 300000) }}", By::Engine)]
#[case("{{ [1] | batch(999999999, 'x') }}", By::Fuel)]
#[case("{{ [1] | slice(999999999) }}", By::Fuel)]
#[case("{{ range(100000) | list }}", By::Engine)]
#[case("{{ range(9223372036854775807) | length }}", By::Engine)]
#[case(
    "{% for a in range(9000) %}{% for b in range(9000) %}{% endfor %}{% endfor %}",
    By::Fuel
)]
#[case(
    "{% for a in range(9000) %}{{ range(9000) | join }}{% endfor %}",
    By::Fuel
)]
#[case("{% for a in range(9000) %}0123456789{% endfor %}", By::Fuel)]
#[case(
    "{% set x %}{% for a in range(9000) %}0123456789{% endfor %}{% endset %}",
    By::Fuel
)]
#[case(
    "{% filter upper %}{% for a in range(9000) %}012345{% endfor %}{% endfilter %}",
    By::Fuel
)]
#[case("{{ 'x' * 20000 }}", By::Size)]
// What a call may do.
#[case("{{ range(*range(3)) }}", By::Engine)]
#[case("{{ dict(**{'a': 1}) }}", By::Engine)]
#[case(
    "{% for a in records %}{{ loop.changed(records) }}{% endfor %}",
    By::Engine
)]
#[case("{{ {'f': range}.f(9) }}", By::Engine)]
#[case("{{ [range][0](9) }}", By::Engine)]
#[case("{{ debug() }}", By::Engine)]
#[case("{{ [1] | chain([2]) }}", By::Engine)]
// More operators in a row than the stack bears.
#[case("{{ 1 PLUS }}", By::Operators)]
#[case("{{ record PLUS }}", By::Operators)]
#[case("{{ record FILTERS }}", By::Operators)]
#[case("{{ record ATTRIBUTES }}", By::Operators)]
#[case("{{ record ITEMS }}", By::Operators)]
#[case("{{ record REVERSED }}", By::Operators)]
#[case("{{ record ANDS }}", By::Operators)]
#[case("{{ record IFS }}", By::Operators)]
#[case("{{ record CALLS }}", By::Operators)]
#[case("{{ record TESTS }}", By::Operators)]
#[case("{{ NOTS record }}", By::Operators)]
#[case("{{ MINUSES record.state }}", By::Operators)]
#[case("{% if 1 %}ELIFS{% endif %}", By::Operators)]
#[case("{{ OPENED", By::Operators)]
#[case("BRACES", By::Operators)]
#[case("{% if 1 %}OPEN_IFS", By::Engine)]
fn a_template_that_would_harm_the_server_is_stopped(#[case] source: &str, #[case] by: By) {
    let source = spelled_out(source);
    for escape in [Escape::Plain, Escape::Json] {
        let error = written(&source, escape).unwrap_err();
        assert_eq!(By::of(&error), by, "{error}");
        assert!(error.to_string().len() < 700, "{error}");
    }
}

fn spelled_out(source: &str) -> String {
    let mut words = [
        ("DOUBLED", DOUBLED, 15),
        ("MAPS", "{% set a = {1: a, 2: a, 3: a, 4: a} %}", 15),
        ("SUMS", "{% set a = a + a + a + a %}", 15),
        ("TEXTS", "{% set a = a ~ a ~ a ~ a %}", 15),
        ("SEARCHES", "{{ 1.5 in a }}", 100),
        ("SLICES", "{% set a = a[::1] %}", 1_000),
        ("NESTED_MAPS", "{% set a = {1: a} %}", 3_000),
        ("NESTED_TUPLES", "{% set a = (a,) %}", 3_000),
        ("NESTED", "{% set a = [a] %}", 3_000),
        ("PLUS", "+1", 20_000),
        ("FILTERS", "|d", 20_000),
        ("ATTRIBUTES", ".a", 20_000),
        ("ITEMS", "[0]", 20_000),
        ("REVERSED", "|reverse", 5_000),
        ("ANDS", " and 1", 10_000),
        ("IFS", " if 1 else 2", 5_000),
        ("CALLS", "()", 20_000),
        ("TESTS", " is defined", 5_000),
        ("NOTS", "not ", 10_000),
        ("MINUSES", "- ", 20_000),
        ("ELIFS", "{% elif 1 %}", 5_000),
        ("OPENED", "((((", 10_000),
        ("BRACES", "{{", 20_000),
        ("OPEN_IFS", "{% if 1 %}", 5_000),
    ];
    // Some begin or end as others do.
    words.sort_by_key(|(word, _, _)| std::cmp::Reverse(word.len()));
    let word = words.iter().find(|(word, _, _)| source.contains(word));
    word.map_or_else(
        || source.to_owned(),
        |(word, one, times)| source.replace(word, &one.repeat(*times)),
    )
}

/// As deep as the gate lets it be.
#[test]
fn the_deepest_template_that_is_taken_leaves_the_stack_whole() {
    let chain = format!("{{{{ record.state{} }}}}", "+1".repeat(240));
    let nots = format!("{{{{ {}record.state }}}}", "not ".repeat(100));
    let branches = format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(100));
    let within = |inside: &str, times: usize| {
        format!(
            "{}{inside}{}",
            "{% if 1 %}".repeat(times),
            "{% endif %}".repeat(times)
        )
    };
    for inside in [&chain, &nots, &branches] {
        for times in [0, 50, 100, 140, 200] {
            let _ = written(&within(inside, times), Escape::Plain);
        }
    }
    assert_eq!(written(&chain, Escape::Plain).unwrap(), "240");
    assert_eq!(written(&branches, Escape::Plain).unwrap(), "");
}

#[rstest]
#[case(
    "{{ 'ab' in 'cab' }} {{ 1 in [2, 1] }} {{ record.state not in [1, 2] }}",
    "true true true"
)]
#[case(
    "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ [1, 2] == [1, 2] }}",
    "true false true"
)]
#[case(
    "{{ record.unix * 1000 }} {{ 'ab' * 3 }} {{ 2 ** 3 }}",
    "1795417198000 ababab 8"
)]
#[case(
    "{{ ([1] + [2])[1] }} {{ [1, 2, 3][1:] | join('-') }} {{ 'abc'[::-1] }}",
    "2 2-3 cba"
)]
#[case(
    "{% set ns = namespace(n=0) %}{% for a in range(3) %}{% set ns.n = ns.n + a %}{% endfor %}{{ ns.n }}",
    "3"
)]
#[case(
    "{% for a in [3, 1, 2] | sort if a > 1 %}{{ a }}{{ ',' if not loop.last }}{% endfor %}",
    "2,3"
)]
#[case(
    "{% for a in [1, 2, 3] %}{{ loop.cycle('x', 'y') }}{% else %}none{% endfor %}",
    "xyx"
)]
#[case("{% for a in [] %}{% else %}none{% endfor %}", "none")]
#[case("{% for a, b in {'x': 1} | items %}{{ a }}{{ b }}{% endfor %}", "x1")]
#[case(
    "{% set a, b = [1, 2] %}{{ a }}{{ b }}{% with c = 3 %}{{ c }}{% endwith %}",
    "123"
)]
#[case(
    "{{ records | map(attribute='pin') | join(',') }} {{ records | selectattr('state', 'eq', 0) | list | length }}",
    "007 1"
)]
#[case(
    "{% for a in [[1, []], [2, []]] recursive %}{{ a[0] }}{{ loop(a[1]) }}{% endfor %}",
    "12"
)]
#[case(
    "{{ 'yes' if record.pin == '007' and not (record.state or false) else 'no' }}",
    "yes"
)]
#[case(
    "{{ 'a\nb' | indent(2) }} {{ 'xaxx' | trim('x') }} {{ dict(a=1).a }}",
    "a\n  b a 1"
)]
#[case(
    "{% set t %}a{{ record.pin }}{% endset %}{{ t | upper }}{% filter upper %}b{% endfilter %}",
    "A007B"
)]
#[case(
    "{% if record.state == 1 %}a{% elif record.state == 0 %}b{% else %}c{% endif %}",
    "b"
)]
#[case(
    "{{ ['b', 'a', 'b'] | unique | sort | join }} {{ [1, 2, 3] | batch(2) | length }} {{ [1, 2] | sum }}",
    "ab 2 3"
)]
#[case(
    "{{ 'IN' ~ record.state ~ [1] }} {{ record.pin is startingwith '00' }}",
    "IN0[1] true"
)]
fn what_people_write_works_as_before(#[case] source: &str, #[case] expected: &str) {
    assert_eq!(written(source, Escape::Plain).unwrap(), expected);
}

#[test]
fn an_error_behind_guards_still_names_its_line_and_what_is_wrong() {
    let error = written("{{ 1 + 1 }}\n{{ 2 in record.nothing }}", Escape::Plain).unwrap_err();
    assert_eq!(error.line, Some(2), "{error}");
    let error = written(
        "{% if 1 == 1 %}\n\n{{ record.pin + 1 }}{% endif %}",
        Escape::Plain,
    )
    .unwrap_err();
    assert_eq!(error.line, Some(3), "{error}");
    let error = written("\n{{ record.nick | upper }}", Escape::Plain).unwrap_err();
    assert_eq!(error.line, Some(2), "{error}");
    assert!(error.to_string().contains("does not exist"), "{error}");
    let error = written("\n{{ 1 }}\n{{ 'a'.upper() }}", Escape::Plain).unwrap_err();
    assert_eq!(
        (error.line, error.fault),
        (Some(3), Fault::Template),
        "{error}"
    );
}
