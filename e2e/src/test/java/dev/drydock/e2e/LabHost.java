package dev.drydock.e2e;

/** One of the lab's hosts, as the one who looks after it sees it. */
enum LabHost {
  ETHBIG("ethbig"),
  ETH2_CLAW("eth2-claw"),
  OFFCHAIN("offchain");

  private final String text;

  LabHost(String text) {
    this.text = text;
  }

  /** Its name in the lab. */
  String text() {
    return text;
  }

  /** Runs a command line there, as the host's user. */
  String on(String line) {
    return Lab.command("on", text, line);
  }

  void unplug() {
    Lab.command("unplug", text);
  }

  void plug() {
    Lab.command("plug", text);
  }

  String address() {
    return line()[1];
  }

  String user() {
    return line()[2];
  }

  private String[] line() {
    return Lab.text("hosts.env")
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(words -> words[0].equals(text))
        .findFirst()
        .orElseThrow();
  }

  /** The host's own public key, as a Host pins it. */
  String hostKey() {
    return Lab.text("known_hosts")
        .lines()
        .map(line -> line.split(" ", 2))
        .filter(words -> words[0].equals(address()))
        .map(words -> words[1])
        .findFirst()
        .orElseThrow();
  }

  /** The private key by which its user logs in. */
  String privateKey() {
    return Lab.text("keys/" + text);
  }
}
