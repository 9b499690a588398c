use super::{Act, Quirk};

/// What may be met on any terminal.
const ANYWHERE: Quirk = Quirk {
    id: "",
    models: &[],
    firmware: &[],
    symptom: "",
    what_we_do: "",
    remedy: "",
    source: "",
    acts: &[],
};

pub(super) const QUIRKS: [Quirk; 30] = [
    Quirk {
        id: "one-client-only",
        symptom: "the second program that connects is refused, or both wait for ever",
        what_we_do: "keeps one connection to a terminal at a time, and ends it with EXIT always",
        remedy: "close other software that is connected to it, or let it and this program take turns",
        source: "caobo171/node-zklib#8",
        ..ANYWHERE
    },
    Quirk {
        id: "busy-after-unclean-end",
        symptom: "it accepts nobody for a while after a program ended without a word",
        what_we_do: "says EXIT also after errors and when it is stopped",
        remedy: "wait a minute, or pull its network plug for some seconds",
        source: "kurenai-ryu/pyzk#3",
        ..ANYWHERE
    },
    Quirk {
        id: "connection-ends-in-a-table",
        symptom: "other software needs all of the processor for ever after the connection broke in the middle of a table",
        what_we_do: "takes the end of a connection for an error, and gives every wait an end",
        source: "measured with pyzk 0.9",
        ..ANYWHERE
    },
    Quirk {
        id: "datagrams-lost",
        symptom: "other software shows wrong punches over UDP where packets were lost or changed places",
        what_we_do: "puts packets in order by their number, checks the length of every piece, and asks again for what is \
                     missing",
        remedy: "choose TCP where the terminal has it",
        source: "measured with pyzk, zkteco and rustzk; coding-libs/zkteco-php#9",
        ..ANYWHERE
    },
    Quirk {
        id: "short-logs",
        symptom: "other software shows another number of punches each time, or misses the last one",
        what_we_do: "reads until every byte that was announced is there; less is an error, never a short list",
        source: "caobo171/node-zklib#6, #31, #48, coding-libs/zkteco-js#7, dnaextrim/python_zklib#4, kamshory/ZKLibrary#18",
        ..ANYWHERE
    },
    Quirk {
        id: "stream-out-of-step",
        symptom: "other software is lost after one packet that it could not read",
        what_we_do: "cuts the stream by the length that each packet tells; where that fails, connects anew",
        source: "kurenai-ryu/pyzk#6, fananimi/pyzk#50",
        ..ANYWHERE
    },
    Quirk {
        id: "reply-numbers-off",
        symptom: "its replies carry other numbers than the requests, always by the same difference",
        what_we_do: "takes them over TCP, where nothing else can come; over UDP it says that no answer came",
        remedy: "choose TCP for this terminal",
        source: "played with a virtual terminal; other software does not look at the numbers",
        ..ANYWHERE
    },
    Quirk {
        id: "impossible-dates",
        symptom: "a row has a date that does not exist, such as 31 February",
        what_we_do: "keeps that row apart with its bytes, and reads its neighbours",
        remedy: "look at the terminal's clock",
        source: "fananimi/pyzk#241, #242",
        ..ANYWHERE
    },
    Quirk {
        id: "counts-wrong",
        symptom: "its counts differ from what is in its tables",
        what_we_do: "trusts counts only after they were equal to the rows that were read",
        source: "fananimi/pyzk#8, #88, #126",
        ..ANYWHERE
    },
    Quirk {
        id: "offsets-not-understood",
        symptom: "it hands out a table from its beginning only",
        what_we_do: "finds that out by the answer, and reads the whole table each time",
        source: "not seen yet; no other software reads from the middle",
        ..ANYWHERE
    },
    Quirk {
        id: "large-pieces-refused",
        symptom: "it refuses to hand out more than some KiB at a time, or stalls",
        what_we_do: "asks for smaller pieces, one at a time",
        source: "zkteco-js and node-zklib read pieces of 8 to 64 KiB",
        ..ANYWHERE
    },
    Quirk {
        id: "events-need-enabling",
        symptom: "no event comes although it agreed to tell them",
        what_we_do: "enables the terminal before it asks for events",
        source: "caobo171/node-zklib#35",
        acts: &[Act::EnableBeforeEvents],
        ..ANYWHERE
    },
    Quirk {
        id: "one-listener-only",
        symptom: "events stop when another program asks for them",
        what_we_do: "reads the log all the same, so that no punch is missed",
        remedy: "let only one program listen",
        source: "caobo171/node-zklib#26",
        ..ANYWHERE
    },
    Quirk {
        id: "silent-after-restart",
        symptom: "no event comes any more after the terminal restarted, and the connection looks open",
        what_we_do: "asks for its clock from time to time, connects anew where that is not answered, and reads the log",
        source: "fananimi/pyzk#42, caobo171/node-zklib#50",
        ..ANYWHERE
    },
    Quirk {
        id: "pin-width-not-told",
        symptom: "it does not tell how long a user id may be",
        what_we_do: "takes 9 characters for the most",
        source: "fananimi/pyzk#54",
        ..ANYWHERE
    },
    Quirk {
        id: "slot-is-no-user-id",
        symptom: "other software shows users by a number that is not theirs, or of 65535 at most",
        what_we_do: "goes by the user id; the slot number never leaves the connection",
        source: "dnaextrim/php_zklib#7, fananimi/pyzk#14, #52, #209",
        ..ANYWHERE
    },
    Quirk {
        id: "ids-cut-by-others",
        symptom: "other software cuts user ids after 9 characters",
        what_we_do: "reads all 24",
        source: "dnaextrim/php_zklib#47",
        ..ANYWHERE
    },
    Quirk {
        id: "right-key-refused",
        symptom: "it refuses a key that is right",
        what_we_do: "reports that the key is refused; the doctor tries it once more on a new connection",
        remedy: "set a key of digits anew in its menu under network, PC connection; a key of 0 is none",
        source: "fananimi/pyzk#149",
        ..ANYWHERE
    },
    Quirk {
        id: "slow-when-full",
        symptom: "it needs up to a minute to hand out a large log, or while people punch",
        what_we_do: "waits for a minute for the beginning of a table, and not long for what follows",
        remedy: "clear its log once everything in it is stored here",
        source: "fananimi/pyzk#93",
        ..ANYWHERE
    },
    Quirk {
        id: "doubles-in-the-log",
        symptom: "the same punch stands in its log twice",
        what_we_do: "stores it once and counts the repeat",
        remedy: "its setting for repeated punches (minutes) keeps it from storing them",
        source: "the option AlarmReRec of the vendor's software",
        ..ANYWHERE
    },
    Quirk {
        id: "disabling-does-nothing",
        symptom: "people can punch although it was disabled, or cannot after a program broke off",
        what_we_do: "never disables a terminal to read it; for a write it disables it for a time that ends by itself",
        remedy: "connect once more: that enables it again",
        source: "fananimi/pyzk#243, #263, raihanafroz/zkteco#24, kamshory/ZKLibrary#137",
        ..ANYWHERE
    },
    Quirk {
        id: "stored-without-effect",
        symptom: "it says that a user is stored, and is not, or only after a restart",
        what_we_do: "asks it to make what was written effective, and reads it back",
        remedy: "restart it",
        source: "kamshory/ZKLibrary#131",
        ..ANYWHERE
    },
    Quirk {
        id: "restart-not-answered",
        symptom: "it restarts without an answer",
        what_we_do: "takes the end of the connection for the answer, and never asks twice",
        source: "fananimi/pyzk",
        ..ANYWHERE
    },
    Quirk {
        id: "option-with-two-signs",
        symptom: "the value of a setting begins with =",
        what_we_do: "leaves it out",
        source: "fananimi/pyzk",
        ..ANYWHERE
    },
    Quirk {
        id: "state-and-verify-disputed",
        symptom: "in rows of 16 bytes, check-in and check-out may be exchanged for how somebody was verified",
        what_we_do: "reads the order of the vendor's manual; the other one is a setting of the terminal",
        remedy: "choose the other order for this terminal where all punches show the same state",
        source: "bulentv/js_zklib#50 against fananimi/pyzk",
        ..ANYWHERE
    },
    Quirk {
        id: "garbage-behind-fields",
        symptom: "other software shows nonsense behind passwords and names",
        what_we_do: "reads a field up to its first zero, and writes back what it does not know",
        source: "adrobinoga/zk-protocol sections/data-user.md",
        ..ANYWHERE
    },
    Quirk {
        id: "display-ignores-text",
        symptom: "a message for the display is accepted and not shown",
        what_we_do: "sends it all the same",
        remedy: "none: terminals with a colour display have no such line",
        source: "the vendor's protocol manual of 2006 and terminals made since",
        ..ANYWHERE
    },
    Quirk {
        id: "panel-of-another-protocol",
        symptom: "frames that begin with aa 01: an access-control panel (C3, inBio)",
        what_we_do: "says that it speaks another protocol",
        remedy: "use the software of the panel",
        source: "fananimi/pyzk#38",
        ..ANYWHERE
    },
    Quirk {
        id: "rebranded-protocol",
        symptom: "frames that begin with 55 aa, or a terminal on port 5055 or 5005",
        what_we_do: "says that it speaks another protocol",
        remedy: "use the software that came with it",
        source: "fananimi/pyzk#50, hieutbui/pyzk-5055-machine",
        ..ANYWHERE
    },
    Quirk {
        id: "push-only",
        symptom: "nothing listens on port 4370 although the terminal answers on the network",
        what_we_do: "says so",
        remedy: "newer firmware may hand out punches by itself only: enter a server in its cloud server (ADMS) setting",
        source: "fananimi/pyzk#169, #253",
        ..ANYWHERE
    },
];
