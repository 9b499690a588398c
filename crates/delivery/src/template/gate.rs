//! What is refused before a template is compiled.
//!
//! The parser, and whatever walks through what it read, call themselves once for each operator in a row: a thousand of
//! them exhaust the stack, and with it the program. The compiler computes constants, without fuel.

use minijinja::{
    machinery::{
        Token,
        ast::{BinOp, BinOpKind, CallArg, Expr, Stmt},
        tokenize,
    },
    syntax::SyntaxConfig,
};

use super::TemplateError;

/// In one tag. Nobody can read more.
const MOST_OPERATORS: usize = 250;
/// Each stands within the one before.
const MOST_ELIF: usize = 100;

pub(super) fn check_tokens(
    place: &str,
    source: &str,
    syntax: &SyntaxConfig,
) -> Result<(), TemplateError> {
    let mut operators = 0_usize;
    let mut elif = 0_usize;
    for token in tokenize(source, false, syntax.clone()) {
        // The parser tells what is wrong.
        let Ok((token, span)) = token else { break };
        match token {
            Token::TemplateData(_)
            | Token::VariableStart
            | Token::VariableEnd
            | Token::BlockStart
            | Token::BlockEnd => operators = 0,
            Token::Ident("elif") => elif = elif.saturating_add(1),
            Token::Ident("not" | "and" | "or" | "in" | "is" | "if" | "else") => {
                operators = operators.saturating_add(1);
            }
            Token::Ident(_)
            | Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_)
            | Token::Comma
            | Token::Colon
            | Token::Assign
            | Token::BracketClose
            | Token::ParenClose
            | Token::BraceClose => {}
            Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Pow
            | Token::Mod
            | Token::Dot
            | Token::Tilde
            | Token::Pipe
            | Token::Eq
            | Token::Ne
            | Token::Gt
            | Token::Gte
            | Token::Lt
            | Token::Lte
            | Token::BracketOpen
            | Token::ParenOpen
            | Token::BraceOpen => operators = operators.saturating_add(1),
        }
        let message = if operators > MOST_OPERATORS {
            format!("one tag has more than {MOST_OPERATORS} operators; write it as several")
        } else if elif > MOST_ELIF {
            format!("there are more than {MOST_ELIF} elif; look the value up in a map instead")
        } else {
            continue;
        };
        return Err(TemplateError::of_source(
            place,
            Some(usize::from(span.start_line)),
            message,
        ));
    }
    Ok(())
}

/// Refuses a list that is repeated where the compiler would do it.
pub(super) fn check_tree(place: &str, tree: &Stmt<'_>) -> Result<(), TemplateError> {
    statement(tree).map_err(|line| {
        TemplateError::of_source(
            place,
            Some(line),
            "a list cannot be repeated with *".to_owned(),
        )
    })
}

fn statement(tree: &Stmt<'_>) -> Result<(), usize> {
    match tree {
        Stmt::Template(it) => statements(&it.children),
        Stmt::EmitExpr(it) => expression(&it.expr),
        Stmt::EmitRaw(_) => Ok(()),
        Stmt::ForLoop(it) => {
            expression(&it.iter)?;
            it.filter_expr.as_ref().map_or(Ok(()), expression)?;
            statements(&it.body)?;
            statements(&it.else_body)
        }
        Stmt::IfCond(it) => {
            expression(&it.expr)?;
            statements(&it.true_body)?;
            statements(&it.false_body)
        }
        Stmt::WithBlock(it) => {
            for (_, value) in &it.assignments {
                expression(value)?;
            }
            statements(&it.body)
        }
        Stmt::Set(it) => expression(&it.expr),
        Stmt::SetBlock(it) => {
            it.filter.as_ref().map_or(Ok(()), expression)?;
            statements(&it.body)
        }
        Stmt::AutoEscape(it) => {
            expression(&it.enabled)?;
            statements(&it.body)
        }
        Stmt::FilterBlock(it) => {
            expression(&it.filter)?;
            statements(&it.body)
        }
        Stmt::Do(it) => {
            expression(&it.call.expr)?;
            arguments(&it.call.args)
        }
    }
}

fn statements(all: &[Stmt<'_>]) -> Result<(), usize> {
    all.iter().try_for_each(statement)
}

fn expression(tree: &Expr<'_>) -> Result<(), usize> {
    match tree {
        Expr::Var(_) | Expr::Const(_) => Ok(()),
        Expr::Slice(it) => {
            expression(&it.expr)?;
            [&it.start, &it.stop, &it.step]
                .into_iter()
                .flatten()
                .try_for_each(expression)
        }
        Expr::UnaryOp(it) => expression(&it.expr),
        Expr::BinOp(it) => {
            if repeats_a_list(it) {
                return Err(usize::from(it.span().start_line));
            }
            expression(&it.left)?;
            expression(&it.right)
        }
        Expr::Compare(it) => {
            expression(&it.expr)?;
            it.ops.iter().try_for_each(|op| expression(&op.expr))
        }
        Expr::IfExpr(it) => {
            expression(&it.test_expr)?;
            expression(&it.true_expr)?;
            it.false_expr.as_ref().map_or(Ok(()), expression)
        }
        Expr::Filter(it) => {
            it.expr.as_ref().map_or(Ok(()), expression)?;
            arguments(&it.args)
        }
        Expr::Test(it) => {
            expression(&it.expr)?;
            arguments(&it.args)
        }
        Expr::GetAttr(it) => expression(&it.expr),
        Expr::GetItem(it) => {
            expression(&it.expr)?;
            expression(&it.subscript_expr)
        }
        Expr::Call(it) => {
            expression(&it.expr)?;
            arguments(&it.args)
        }
        Expr::List(it) => it.items.iter().try_for_each(expression),
        Expr::Tuple(it) => it.items.iter().try_for_each(expression),
        Expr::Map(it) => it.keys.iter().chain(&it.values).try_for_each(expression),
    }
}

fn arguments(all: &[CallArg<'_>]) -> Result<(), usize> {
    all.iter().try_for_each(|argument| match argument {
        CallArg::Pos(it)
        | CallArg::Kwarg(_, it)
        | CallArg::PosSplat(it)
        | CallArg::KwargSplat(it) => expression(it),
    })
}

fn repeats_a_list(operation: &BinOp<'_>) -> bool {
    matches!(operation.op, BinOpKind::Mul)
        && (may_be_list(&operation.left) || may_be_list(&operation.right))
}

/// Of what the compiler computes.
fn may_be_list(tree: &Expr<'_>) -> bool {
    match tree {
        Expr::List(_) | Expr::Tuple(_) => true,
        Expr::BinOp(it) => may_be_list(&it.left) || may_be_list(&it.right),
        _ => false,
    }
}
