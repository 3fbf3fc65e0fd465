ALTER TABLE access.user_role
    COMMENT COLUMN role 'viewer: the account is known; finance: sees cost and the value of stock; buyer: asks for replenishment plans'
