import Files
import Testing

@Suite struct CommandWordsTests {
    @Test func quotesWhatAShellWouldReadOtherwise() {
        #expect(CommandWords.text(of: ["onepath", "--lambdas", "0.1,1", "größe"]) == "onepath --lambdas 0.1,1 größe")
        #expect(CommandWords.text(of: ["a b", "", "it's", "$x", "a\\b"]) == #"'a b' '' 'it'\''s' '$x' 'a\b'"#)
    }

    @Test(arguments: [
        ("onepath search --space ./x/y.json --output runs/one/", "onepath search --space y.json --output one"),
        ("/a/onepath --space='/b c/d.json' -o=../e", "onepath --space=d.json -o=e"),
        (#"x '/it'\''s here/a b' ''"#, "x 'a b' ''"),
        ("a  b ", "a b"), ("'/unfinished/x", "x"), ("", ""),
    ])
    func leavesTheLastNameOfPaths(command: String, shortened: String) {
        #expect(CommandWords.withoutFolders(command) == shortened)
    }
}
