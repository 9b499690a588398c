//! The instructions of a template, with others before those that the engine asks no fair price for.

use minijinja::{
    Environment, Error, ErrorKind, State, Value,
    machinery::{Instruction, Instructions},
    value::ValueKind,
};

use super::{TemplateError, weigh};

// No template can write these names.
const PAY: &str = "=pay";
const PAY_FOR_LENGTH: &str = "=length";
const SETTLE: &str = "=settle";
const FACTOR: &str = "=factor";
const PLAIN: &str = "=plain";
/// The filter is looked up by its name each time.
const NOT_KEPT: u8 = u8::MAX;

pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter(PAY, |state: &State, value: Value| {
        weigh::pay(state, &value).map(|()| value)
    });
    environment.add_filter(PAY_FOR_LENGTH, |state: &State, value: Value| {
        let items = value.len().unwrap_or_default() / 8;
        let cost = u64::try_from(items).unwrap_or(u64::MAX);
        state.consume_fuel(cost).map(|()| value)
    });
    environment.add_filter(SETTLE, weigh::settle);
    environment.add_filter(FACTOR, |value: Value| match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => Err(Error::new(
            ErrorKind::InvalidOperation,
            "a list cannot be repeated with *",
        )),
        _ => Ok(value),
    });
    environment.add_filter(PLAIN, |value: Value| {
        weigh::must_be_plain(&value).map(|()| value)
    });
}

/// The same instructions with their guards; `Err` for some that no template needs.
pub(super) fn guarded<'a>(
    place: &str,
    plain: &Instructions<'a>,
) -> Result<Instructions<'a>, TemplateError> {
    let mut moved_to = Vec::new();
    let mut next = 0_u32;
    for (_, instruction) in each(plain) {
        moved_to.push(next);
        let (before, after) = guards(instruction).unwrap_or_default();
        let added = before.len().saturating_add(after.len());
        next = next
            .saturating_add(1)
            .saturating_add(u32::try_from(added).unwrap_or(u32::MAX));
    }
    moved_to.push(next);
    let mut all = Instructions::new(plain.name(), plain.source());
    for (at, instruction) in each(plain) {
        let (before, after) = guards(instruction).map_err(|message| {
            TemplateError::of_source(place, plain.get_line(at), message.to_owned())
        })?;
        let moved = moved(instruction, &moved_to);
        let row = before.iter().chain([&moved]).chain(after);
        for instruction in row {
            match (plain.get_span(at), plain.get_line(at)) {
                (Some(span), _) => all.add_with_span(instruction.clone(), span),
                (None, Some(line)) => {
                    all.add_with_line(instruction.clone(), u16::try_from(line).unwrap_or(u16::MAX))
                }
                (None, None) => all.add(instruction.clone()),
            };
        }
    }
    Ok(all)
}

fn each<'a, 'b>(
    all: &'b Instructions<'a>,
) -> impl Iterator<Item = (u32, &'b Instruction<'a>)> + use<'a, 'b> {
    (0_u32..).map_while(|at| all.get(at).map(|instruction| (at, instruction)))
}

type Guards = (
    &'static [Instruction<'static>],
    &'static [Instruction<'static>],
);

/// What stands before an instruction, and what after it.
fn guards(instruction: &Instruction<'_>) -> Result<Guards, &'static str> {
    const fn filter(name: &'static str) -> Instruction<'static> {
        Instruction::ApplyFilter(name, Some(1), NOT_KEPT)
    }
    const NONE: &[Instruction<'static>] = &[];
    const PAY_TOP: &[Instruction<'static>] = &[filter(PAY)];
    const PAY_FOR_ITS_LENGTH: &[Instruction<'static>] = &[filter(PAY_FOR_LENGTH)];
    const SETTLE_TOP: &[Instruction<'static>] = &[filter(SETTLE)];
    const PAY_BOTH: &[Instruction<'static>] = &[
        filter(PAY),
        Instruction::Swap,
        filter(PAY),
        Instruction::Swap,
    ];
    const FACTORS: &[Instruction<'static>] = &[
        filter(FACTOR),
        Instruction::Swap,
        filter(FACTOR),
        Instruction::Swap,
    ];
    const PLAIN_BELOW: &[Instruction<'static>] =
        &[Instruction::Swap, filter(PLAIN), Instruction::Swap];
    match instruction {
        Instruction::EmitRaw(_)
        | Instruction::StoreLocal(_)
        | Instruction::Lookup(_)
        | Instruction::GetAttr(_)
        | Instruction::LoadConst(_)
        | Instruction::BuildKwargs(_)
        | Instruction::Sub
        | Instruction::Div
        | Instruction::IntDiv
        | Instruction::Rem
        | Instruction::Pow
        | Instruction::Neg
        | Instruction::Not
        | Instruction::ApplyFilter(..)
        | Instruction::PerformTest(..)
        | Instruction::Emit
        | Instruction::PushWith
        | Instruction::Iterate(_)
        | Instruction::PushDidNotIterate
        | Instruction::PopFrame
        | Instruction::PopLoopFrame
        | Instruction::Jump(_)
        | Instruction::JumpIfFalse(_)
        | Instruction::JumpIfFalseOrPop(_)
        | Instruction::JumpIfTrueOrPop(_)
        | Instruction::PushAutoEscape
        | Instruction::PopAutoEscape
        | Instruction::BeginCapture(_)
        | Instruction::EndCapture
        | Instruction::CallFunction(..)
        | Instruction::CallMethod("cycle", _)
        | Instruction::DupTop
        | Instruction::DiscardTop
        | Instruction::FastRecurse
        | Instruction::Swap => Ok((NONE, NONE)),
        Instruction::GetItem => Ok((PAY_TOP, NONE)),
        Instruction::UnpackList(_) | Instruction::PushLoop(_) => Ok((PAY_FOR_ITS_LENGTH, NONE)),
        Instruction::Slice
        | Instruction::BuildMap(_)
        | Instruction::BuildList(_)
        | Instruction::BuildTuple(_) => Ok((NONE, SETTLE_TOP)),
        Instruction::Add => Ok((PAY_BOTH, SETTLE_TOP)),
        Instruction::Mul => Ok((FACTORS, NONE)),
        Instruction::StringConcat
        | Instruction::Eq
        | Instruction::Ne
        | Instruction::Gt
        | Instruction::Gte
        | Instruction::Lt
        | Instruction::Lte
        | Instruction::In
        | Instruction::CompareAndPreserve(_) => Ok((PAY_BOTH, NONE)),
        Instruction::SetAttr(_) => Ok((PLAIN_BELOW, NONE)),
        Instruction::CallMethod(..) | Instruction::CallObject(_) => {
            Err("a value cannot be called; use a filter instead, as in value | upper")
        }
        Instruction::UnpackLists(_) | Instruction::MergeKwargs(_) => {
            Err("* and ** before an argument are not known; write the arguments one by one")
        }
    }
}

/// The instruction with the place that it jumps to after guards were put in.
fn moved<'a>(instruction: &Instruction<'a>, moved_to: &[u32]) -> Instruction<'a> {
    let to = |target: &u32| {
        usize::try_from(*target)
            .ok()
            .and_then(|target| moved_to.get(target).copied())
            .unwrap_or(*target)
    };
    match instruction {
        Instruction::Iterate(target) => Instruction::Iterate(to(target)),
        Instruction::Jump(target) => Instruction::Jump(to(target)),
        Instruction::JumpIfFalse(target) => Instruction::JumpIfFalse(to(target)),
        Instruction::JumpIfFalseOrPop(target) => Instruction::JumpIfFalseOrPop(to(target)),
        Instruction::JumpIfTrueOrPop(target) => Instruction::JumpIfTrueOrPop(to(target)),
        other => other.clone(),
    }
}
