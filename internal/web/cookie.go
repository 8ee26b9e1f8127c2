package web

// SessionCookie is the cookie in which a browser brings its session.
const SessionCookie = "postern_session"
