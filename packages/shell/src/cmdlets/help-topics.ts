/** Help that belongs to no single cmdlet. */
export const HELP_TOPICS: Readonly<Record<string, string>> = {
  about_Remote_Troubleshooting: `
TOPIC
    about_Remote_Troubleshooting

    holdfast doctor HOST     tries each step of a connection and says which one fails and what to do
    config.toml              [hosts.NAME] with url = "wss://HOST:7433", and optional user, identity, hostKey
    ~/.ssh/known_hosts       holds the host's key as [HOST]:7433; a changed key is refused until its line is removed
    ~/.ssh/id_*, ssh-agent   one of these keys must stand in the user's authorized_keys on the host

    On the host, holdfast-agent status tells whether the agent runs; every refusal is in its log with the reason.
`,
};
